-- The trigrams refer to the row's number, which stays the same when the document changes.
CREATE TABLE contact_search (
    rowid INTEGER PRIMARY KEY,
    org_id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    doc TEXT NOT NULL,
    UNIQUE (org_id, contact_id),
    FOREIGN KEY (org_id, contact_id) REFERENCES contact (org_id, id)
);
CREATE VIRTUAL TABLE contact_search_index USING fts5(doc, content='', contentless_delete=1, tokenize='trigram');
