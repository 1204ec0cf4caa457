"""The page behind the link in a notice: a case as far as its reader may see it, and what the reader may do with it.

page puts it together and answers; sources asks the other services; view makes what the template shows; forms says which fields an
action has and reads them; limits keeps one link from asking too much; pen writes the HTML of data/templates/page.
"""
