-- Where contacts go from a stage or pipeline that is deleted. Without one they are unlinked.
ALTER TABLE pipeline ADD COLUMN moved_to_stage_id UUID;
ALTER TABLE pipeline_stage ADD COLUMN moved_to_stage_id UUID;

-- Whole, because deleted contacts follow too: they may be restored.
CREATE INDEX contact_pipeline_id ON contact (org_id, pipeline_id, id) WHERE pipeline_id IS NOT NULL;
CREATE INDEX contact_pipeline_stage_id ON contact (org_id, pipeline_stage_id, id) WHERE pipeline_stage_id IS NOT NULL;
