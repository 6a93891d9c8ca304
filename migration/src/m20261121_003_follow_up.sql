-- Contacts that are still to follow the change of a company, team, tag or user they show.
CREATE TABLE follow_up (
    org_id UUID NOT NULL,
    id UUID NOT NULL,
    subject TEXT NOT NULL,
    subject_id UUID NOT NULL,
    reached UUID,
    key_id UUID NOT NULL,
    user_id UUID,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id) REFERENCES organization (id),
    FOREIGN KEY (org_id, key_id) REFERENCES api_key (org_id, id),
    FOREIGN KEY (org_id, user_id) REFERENCES "user" (org_id, id)
);

-- A deleted tag stays until no contact has it, and its name is free at once.
ALTER TABLE tag ADD COLUMN deleted_at BIGINT;
DROP INDEX tag_name;
CREATE UNIQUE INDEX tag_name ON tag (org_id, name_key) WHERE deleted_at IS NULL;

-- Whole, because deleted contacts follow too: they may be restored.
CREATE INDEX contact_company_id ON contact (org_id, company_id, id) WHERE company_id IS NOT NULL;
CREATE INDEX contact_team_id ON contact (org_id, team_id, id) WHERE team_id IS NOT NULL;
CREATE INDEX contact_owner_id ON contact (org_id, owner_id, id) WHERE owner_id IS NOT NULL;
CREATE INDEX api_key_user ON api_key (org_id, user_id) WHERE user_id IS NOT NULL;
