CREATE TABLE contact_search (
    org_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    doc TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (org_id, contact_id),
    FOREIGN KEY (org_id, contact_id) REFERENCES contact (org_id, id)
);
CREATE INDEX contact_search_doc ON contact_search USING gin (org_id, doc gin_trgm_ops);
