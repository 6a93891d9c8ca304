-- Times are UTC milliseconds. Lists (tags, required fields, ...) and objects are JSON texts.
-- A name has a `fold`, by which it compares, and a `key`, by which it sorts: the bytes of a collation.
-- Every key starts with the organization, so that a row of one can never point into another.

CREATE TABLE store (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    epoch UUID NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE organization (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    preset TEXT NOT NULL DEFAULT 'STANDARD',
    required_fields TEXT NOT NULL DEFAULT '["FIRST_NAME"]',
    default_last_name TEXT DEFAULT '',
    default_status TEXT DEFAULT 'active',
    default_stage TEXT,
    default_country TEXT,
    default_source TEXT NOT NULL DEFAULT 'api',
    phone_format TEXT NOT NULL DEFAULT 'E164_PREFERRED',
    default_phone_region TEXT,
    unique_phone BOOLEAN NOT NULL DEFAULT FALSE,
    unique_email BOOLEAN NOT NULL DEFAULT FALSE,
    uses_pipelines BOOLEAN NOT NULL DEFAULT FALSE,
    allowed_statuses TEXT NOT NULL DEFAULT '[]'
);

CREATE TABLE "user" (
    org_id UUID NOT NULL,
    id UUID NOT NULL,
    external_id TEXT,
    name TEXT NOT NULL,
    name_key BYTEA NOT NULL,
    name_fold TEXT COLLATE "C" NOT NULL,
    email TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id) REFERENCES organization (id)
);
CREATE UNIQUE INDEX user_external_id ON "user" (org_id, external_id) WHERE deleted_at IS NULL;
CREATE INDEX user_name ON "user" (org_id, name_key, id) WHERE deleted_at IS NULL;

CREATE TABLE team (
    org_id UUID NOT NULL,
    id UUID NOT NULL,
    external_id TEXT,
    name TEXT NOT NULL,
    name_key BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id) REFERENCES organization (id)
);
CREATE UNIQUE INDEX team_external_id ON team (org_id, external_id) WHERE deleted_at IS NULL;
CREATE INDEX team_name ON team (org_id, name_key, id) WHERE deleted_at IS NULL;

CREATE TABLE team_member (
    org_id UUID NOT NULL,
    team_id UUID NOT NULL,
    user_id UUID NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (org_id, team_id, user_id),
    FOREIGN KEY (org_id, team_id) REFERENCES team (org_id, id),
    FOREIGN KEY (org_id, user_id) REFERENCES "user" (org_id, id)
);
CREATE INDEX team_member_user ON team_member (org_id, user_id);

CREATE TABLE company (
    org_id UUID NOT NULL,
    id UUID NOT NULL,
    external_id TEXT,
    name TEXT NOT NULL,
    name_key BYTEA NOT NULL,
    name_fold TEXT COLLATE "C" NOT NULL,
    website TEXT,
    industry TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id) REFERENCES organization (id)
);
CREATE UNIQUE INDEX company_external_id ON company (org_id, external_id) WHERE deleted_at IS NULL;
CREATE INDEX company_name ON company (org_id, name_key, id) WHERE deleted_at IS NULL;

CREATE TABLE pipeline (
    org_id UUID NOT NULL,
    id UUID NOT NULL,
    external_id TEXT,
    name TEXT NOT NULL,
    name_key BYTEA NOT NULL,
    is_default BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT,
    -- Stage that its contacts move to after its deletion. Null: they are unlinked.
    moved_to_stage_id UUID,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id) REFERENCES organization (id)
);
CREATE UNIQUE INDEX pipeline_external_id ON pipeline (org_id, external_id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX pipeline_default ON pipeline (org_id) WHERE is_default AND deleted_at IS NULL;

CREATE TABLE pipeline_stage (
    org_id UUID NOT NULL,
    id UUID NOT NULL,
    pipeline_id UUID NOT NULL,
    external_id TEXT,
    name TEXT NOT NULL,
    name_key BYTEA NOT NULL,
    position INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT,
    -- Same as in a pipeline.
    moved_to_stage_id UUID,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, pipeline_id) REFERENCES pipeline (org_id, id)
);
CREATE UNIQUE INDEX pipeline_stage_external_id ON pipeline_stage (org_id, external_id) WHERE deleted_at IS NULL;
CREATE INDEX pipeline_stage_order ON pipeline_stage (org_id, pipeline_id, position);

CREATE TABLE tag (
    org_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    name_fold TEXT COLLATE "C" NOT NULL,
    sort_key BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    deleted_at BIGINT,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id) REFERENCES organization (id)
);
-- The row of a deleted tag stays until no contact has it, but its name is free at once.
CREATE UNIQUE INDEX tag_name ON tag (org_id, name_key) WHERE deleted_at IS NULL;
CREATE INDEX tag_folded ON tag (org_id, name_fold) WHERE deleted_at IS NULL;
CREATE INDEX tag_sorted ON tag (org_id, sort_key, id) WHERE deleted_at IS NULL;

CREATE TABLE api_key (
    org_id UUID NOT NULL,
    id UUID NOT NULL,
    public_id TEXT NOT NULL,
    secret_hash BYTEA NOT NULL,
    name TEXT NOT NULL,
    scopes INTEGER NOT NULL,
    all_teams BOOLEAN NOT NULL,
    user_id UUID,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    expires_at BIGINT,
    revoked_at BIGINT,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id) REFERENCES organization (id),
    FOREIGN KEY (org_id, user_id) REFERENCES "user" (org_id, id)
);
CREATE UNIQUE INDEX api_key_public_id ON api_key (public_id);
CREATE INDEX api_key_user ON api_key (org_id, user_id) WHERE user_id IS NOT NULL;

CREATE TABLE api_key_team (
    org_id UUID NOT NULL,
    api_key_id UUID NOT NULL,
    team_id UUID NOT NULL,
    PRIMARY KEY (org_id, api_key_id, team_id),
    FOREIGN KEY (org_id, api_key_id) REFERENCES api_key (org_id, id),
    FOREIGN KEY (org_id, team_id) REFERENCES team (org_id, id)
);
CREATE INDEX api_key_team_team ON api_key_team (org_id, team_id);

CREATE TABLE change_clock (
    org_id UUID NOT NULL PRIMARY KEY,
    change_seq BIGINT NOT NULL,
    change_at BIGINT NOT NULL,
    settings_seq BIGINT NOT NULL,
    FOREIGN KEY (org_id) REFERENCES organization (id)
);

CREATE TABLE contact (
    org_id UUID NOT NULL,
    id UUID NOT NULL,
    external_id TEXT,
    first_name TEXT,
    last_name TEXT,
    email TEXT,
    phone TEXT,
    whatsapp_number TEXT,
    company TEXT,
    company_id UUID,
    job_title TEXT,
    industry TEXT,
    website TEXT,
    linkedin_url TEXT,
    address_line1 TEXT,
    address_line2 TEXT,
    city TEXT,
    state TEXT,
    zip TEXT,
    country TEXT,
    timezone TEXT,
    language TEXT,
    tags TEXT NOT NULL,
    status TEXT NOT NULL,
    stage TEXT,
    pipeline_id UUID,
    pipeline_stage_id UUID,
    process TEXT,
    source TEXT NOT NULL,
    score INTEGER,
    notes TEXT,
    is_active BOOLEAN NOT NULL,
    email_subscribed BOOLEAN NOT NULL,
    metadata TEXT NOT NULL,
    industry_context TEXT NOT NULL,
    team_id UUID,
    owner_id UUID,
    source_created_at BIGINT,
    enriched_at BIGINT,
    enriched_seq BIGINT,
    enrichment_status TEXT,
    tag_added_at BIGINT,
    tag_added_seq BIGINT,
    created_at BIGINT NOT NULL,
    created_seq BIGINT NOT NULL,
    created_by UUID,
    updated_at BIGINT NOT NULL,
    change_seq BIGINT NOT NULL,
    updated_by UUID,
    updated_by_key UUID,
    version INTEGER NOT NULL,
    operation TEXT NOT NULL,
    deleted_at BIGINT,
    merged_into_id UUID,
    name_key BYTEA,
    company_key BYTEA,
    first_name_fold TEXT COLLATE "C",
    last_name_fold TEXT COLLATE "C",
    company_fold TEXT COLLATE "C",
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id) REFERENCES organization (id),
    FOREIGN KEY (org_id, company_id) REFERENCES company (org_id, id),
    FOREIGN KEY (org_id, pipeline_id) REFERENCES pipeline (org_id, id),
    FOREIGN KEY (org_id, pipeline_stage_id) REFERENCES pipeline_stage (org_id, id),
    FOREIGN KEY (org_id, team_id) REFERENCES team (org_id, id),
    FOREIGN KEY (org_id, owner_id) REFERENCES "user" (org_id, id),
    FOREIGN KEY (org_id, created_by) REFERENCES "user" (org_id, id),
    FOREIGN KEY (org_id, updated_by) REFERENCES "user" (org_id, id),
    FOREIGN KEY (org_id, updated_by_key) REFERENCES api_key (org_id, id),
    FOREIGN KEY (org_id, merged_into_id) REFERENCES contact (org_id, id)
);
CREATE UNIQUE INDEX contact_external_id ON contact (org_id, external_id) WHERE deleted_at IS NULL AND external_id IS NOT NULL;
CREATE INDEX contact_changed ON contact (org_id, updated_at, change_seq);
CREATE INDEX contact_live_changed ON contact (org_id, updated_at, change_seq) WHERE deleted_at IS NULL;
CREATE INDEX contact_live_updated ON contact (org_id, updated_at, change_seq) WHERE deleted_at IS NULL AND change_seq > created_seq;
CREATE INDEX contact_live_created ON contact (org_id, created_at, created_seq) WHERE deleted_at IS NULL;
CREATE INDEX contact_live_tag_added ON contact (org_id, tag_added_at, tag_added_seq, id) WHERE deleted_at IS NULL;
CREATE INDEX contact_live_enriched ON contact (org_id, enriched_at, enriched_seq, id) WHERE deleted_at IS NULL;
CREATE INDEX contact_live_name ON contact (org_id, name_key, id) WHERE deleted_at IS NULL;
CREATE INDEX contact_live_company ON contact (org_id, company_key, id) WHERE deleted_at IS NULL;
CREATE INDEX contact_live_score ON contact (org_id, score, id) WHERE deleted_at IS NULL;
-- For filters with the default order. Contacts without the value are not in the index.
CREATE INDEX contact_live_status ON contact (org_id, lower(status COLLATE "C"), updated_at, change_seq) WHERE deleted_at IS NULL;
CREATE INDEX contact_live_stage ON contact (org_id, lower(stage COLLATE "C"), updated_at, change_seq) WHERE deleted_at IS NULL AND lower(stage COLLATE "C") IS NOT NULL;
CREATE INDEX contact_live_last_name_fold ON contact (org_id, substr(last_name_fold, 1, 64), updated_at, change_seq) WHERE deleted_at IS NULL AND substr(last_name_fold, 1, 64) IS NOT NULL;
CREATE INDEX contact_live_company_fold ON contact (org_id, substr(company_fold, 1, 64), updated_at, change_seq) WHERE deleted_at IS NULL AND substr(company_fold, 1, 64) IS NOT NULL;
CREATE INDEX contact_live_company_id ON contact (org_id, company_id, updated_at, change_seq) WHERE deleted_at IS NULL AND company_id IS NOT NULL;
CREATE INDEX contact_live_team ON contact (org_id, team_id, updated_at, change_seq) WHERE deleted_at IS NULL AND team_id IS NOT NULL;
CREATE INDEX contact_live_owner ON contact (org_id, owner_id, updated_at, change_seq) WHERE deleted_at IS NULL AND owner_id IS NOT NULL;
CREATE INDEX contact_live_pipeline_stage ON contact (org_id, pipeline_stage_id, updated_at, change_seq) WHERE deleted_at IS NULL AND pipeline_stage_id IS NOT NULL;
-- For cascades, and so over deleted contacts too: they are updated, because they may be restored.
CREATE INDEX contact_company_id ON contact (org_id, company_id, id) WHERE company_id IS NOT NULL;
CREATE INDEX contact_team_id ON contact (org_id, team_id, id) WHERE team_id IS NOT NULL;
CREATE INDEX contact_owner_id ON contact (org_id, owner_id, id) WHERE owner_id IS NOT NULL;
CREATE INDEX contact_pipeline_id ON contact (org_id, pipeline_id, id) WHERE pipeline_id IS NOT NULL;
CREATE INDEX contact_pipeline_stage_id ON contact (org_id, pipeline_stage_id, id) WHERE pipeline_stage_id IS NOT NULL;

CREATE TABLE contact_phone (
    org_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    id UUID NOT NULL,
    position INTEGER NOT NULL,
    number TEXT NOT NULL,
    extension TEXT,
    type TEXT NOT NULL,
    label TEXT,
    is_primary BOOLEAN NOT NULL,
    is_whatsapp BOOLEAN NOT NULL,
    do_not_call BOOLEAN NOT NULL,
    PRIMARY KEY (org_id, contact_id, id),
    FOREIGN KEY (org_id, contact_id) REFERENCES contact (org_id, id)
);
CREATE INDEX contact_phone_number ON contact_phone (org_id, number, contact_id);

CREATE TABLE contact_email (
    org_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    id UUID NOT NULL,
    position INTEGER NOT NULL,
    address TEXT NOT NULL,
    address_key TEXT COLLATE "C" NOT NULL,
    address_fold TEXT COLLATE "C" NOT NULL,
    label TEXT,
    is_primary BOOLEAN NOT NULL,
    PRIMARY KEY (org_id, contact_id, id),
    FOREIGN KEY (org_id, contact_id) REFERENCES contact (org_id, id)
);
CREATE INDEX contact_email_address ON contact_email (org_id, address_key, contact_id);

CREATE TABLE contact_tag (
    org_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    tag_id UUID NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (org_id, contact_id, tag_id),
    FOREIGN KEY (org_id, contact_id) REFERENCES contact (org_id, id),
    FOREIGN KEY (org_id, tag_id) REFERENCES tag (org_id, id)
);
CREATE INDEX contact_tag_tag ON contact_tag (org_id, tag_id, contact_id);

CREATE TABLE contact_assignee (
    org_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    user_id UUID NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (org_id, contact_id, user_id),
    FOREIGN KEY (org_id, contact_id) REFERENCES contact (org_id, id),
    FOREIGN KEY (org_id, user_id) REFERENCES "user" (org_id, id)
);
CREATE INDEX contact_assignee_user ON contact_assignee (org_id, user_id, contact_id);

CREATE TABLE idempotency (
    org_id UUID NOT NULL,
    key TEXT NOT NULL,
    path TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    answer TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, key, path),
    FOREIGN KEY (org_id) REFERENCES organization (id)
);
CREATE INDEX idempotency_created ON idempotency (created_at);

-- Pending cascades: contacts to update after a change of a company, team, user, tag, stage or pipeline.
CREATE TABLE cascade (
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
