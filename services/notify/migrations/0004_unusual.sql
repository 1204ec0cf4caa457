-- What a row in a case's place is about when it is no case: `surge` or `silence`, with an empty tracking id.
ALTER TABLE case_facts ADD COLUMN about text;
