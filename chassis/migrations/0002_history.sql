-- What came in for a case, whatever became of it: the operators' trace asks by case.
CREATE INDEX inbox_case ON inbox (case_id);
CREATE INDEX kept_case ON kept (case_id, place) WHERE case_id IS NOT NULL;
