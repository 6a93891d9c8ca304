-- Filters with the default order. Contacts that have no such value are not in the index.
CREATE INDEX contact_live_status ON contact (org_id, lower(status COLLATE "C"), updated_at, change_seq) WHERE deleted_at IS NULL;
CREATE INDEX contact_live_stage ON contact (org_id, lower(stage COLLATE "C"), updated_at, change_seq) WHERE deleted_at IS NULL AND lower(stage COLLATE "C") IS NOT NULL;
CREATE INDEX contact_live_company_id ON contact (org_id, company_id, updated_at, change_seq) WHERE deleted_at IS NULL AND company_id IS NOT NULL;
CREATE INDEX contact_live_team ON contact (org_id, team_id, updated_at, change_seq) WHERE deleted_at IS NULL AND team_id IS NOT NULL;
CREATE INDEX contact_live_owner ON contact (org_id, owner_id, updated_at, change_seq) WHERE deleted_at IS NULL AND owner_id IS NOT NULL;
CREATE INDEX contact_live_pipeline_stage ON contact (org_id, pipeline_stage_id, updated_at, change_seq) WHERE deleted_at IS NULL AND pipeline_stage_id IS NOT NULL;
