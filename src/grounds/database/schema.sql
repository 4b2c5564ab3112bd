-- The tables of a database of tagged decisions, schema 1: each list of a record is a table.
--
-- A line of comment above a table says what it is, the one behind a column what stands there. The
-- pages of `grounds explore` and docs/formats.md take their words from here.

-- What made this database: a row each for the version of its tables, of grounds and of the codebook.
CREATE TABLE meta (
    key TEXT PRIMARY KEY,                     -- schema, grounds or codebook
    value TEXT NOT NULL                       -- its version
) WITHOUT ROWID;

-- What each tag means, from the codebook.
CREATE TABLE codebook (
    tag TEXT PRIMARY KEY,                     -- such as late, or apology:sought
    place INTEGER NOT NULL,                   -- its place in the codebook, from 1
    family TEXT NOT NULL,                     -- ground, bar or remedy
    kind TEXT,                                -- of a remedy: apology, payment …
    status TEXT,                              -- of a remedy: sought, provided, agreed or declined
    meaning TEXT NOT NULL,                    -- what the Ombudsman says; of a remedy what it is
    provision TEXT NOT NULL                   -- the section of the Local Government Act 1974; empty for remedies
) WITHOUT ROWID;

-- The models that tagged the decisions, with the version of grounds that they ran in.
CREATE TABLE models (
    id INTEGER PRIMARY KEY,                   -- its number in this database
    name TEXT NOT NULL,                       -- the model's name
    version TEXT NOT NULL,                    -- the model's version
    sha256 TEXT NOT NULL,                     -- checksum of the model
    grounds TEXT NOT NULL,                    -- the version of grounds that wrote the record
    UNIQUE (sha256, grounds, name, version)
);

-- A row a decision: where it comes from, and what its header says.
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY,                   -- its number in this database; stays when it is tagged again
    source TEXT NOT NULL UNIQUE,              -- the file as given, - for standard input
    sha256 TEXT NOT NULL,                     -- checksum of the file's bytes
    reference TEXT,                           -- the Ombudsman's reference, such as 25 005 150
    body TEXT,                                -- whom the complaint is about
    category TEXT,                            -- the subject, as the site files it
    decision TEXT,                            -- the outcome as the site words it, such as Upheld
    date TEXT,                                -- date of the decision, such as 2025-10-08
    layout TEXT NOT NULL,                     -- the kind of copy that was read
    model_id INTEGER NOT NULL REFERENCES models (id), -- the model that tagged it
    year INTEGER GENERATED ALWAYS AS (CAST(substr(date, 1, 4) AS INTEGER)) VIRTUAL, -- the year of its date
    subject TEXT GENERATED ALWAYS AS (substr(category, 1, instr(category || ' > ', ' > ') - 1)) VIRTUAL -- its category up to the first >
);
CREATE INDEX decisions_reference ON decisions (reference);
CREATE INDEX decisions_body ON decisions (body, year);
CREATE INDEX decisions_category ON decisions (category);
CREATE INDEX decisions_subject ON decisions (subject);
CREATE INDEX decisions_decision ON decisions (decision);
CREATE INDEX decisions_date ON decisions (date);
CREATE INDEX decisions_year ON decisions (year);
CREATE INDEX decisions_model ON decisions (model_id);

-- Every paragraph of every decision.
CREATE TABLE paragraphs (
    id INTEGER PRIMARY KEY,                   -- its number in this database
    decision_id INTEGER NOT NULL REFERENCES decisions (id) ON DELETE CASCADE, -- the decision
    number INTEGER NOT NULL,                  -- its number on the published page, 0 for the Summary
    section TEXT NOT NULL,                    -- summary, complaint, powers, method, assessment, remedy or final
    heading TEXT NOT NULL,                    -- the nearest heading above it
    text TEXT NOT NULL,                       -- its words
    UNIQUE (decision_id, number)
);

-- The words of all paragraphs, for full-text search: by word stems, accents left aside. Its rowid is
-- the id of the paragraph, its only column the text.
CREATE VIRTUAL TABLE paragraphs_fts USING fts5 (
    text,
    content = paragraphs, content_rowid = id, tokenize = 'porter unicode61 remove_diacritics 2'
);
-- The triggers keep it in step with what anyone does. grounds itself, in a transaction that has the
-- key 'writing' in meta, adds and removes the words of many paragraphs at once, a quarter of the work.
CREATE TRIGGER paragraphs_added AFTER INSERT ON paragraphs
WHEN NOT EXISTS (SELECT 1 FROM meta WHERE key = 'writing') BEGIN
    INSERT INTO paragraphs_fts (rowid, text) VALUES (new.id, new.text);
END;
CREATE TRIGGER paragraphs_removed AFTER DELETE ON paragraphs
WHEN NOT EXISTS (SELECT 1 FROM meta WHERE key = 'writing') BEGIN
    INSERT INTO paragraphs_fts (paragraphs_fts, rowid, text) VALUES ('delete', old.id, old.text);
END;
CREATE TRIGGER paragraphs_changed AFTER UPDATE ON paragraphs BEGIN
    INSERT INTO paragraphs_fts (paragraphs_fts, rowid, text) VALUES ('delete', old.id, old.text);
    INSERT INTO paragraphs_fts (rowid, text) VALUES (new.id, new.text);
END;

-- Grounds and bars that a decision relies on.
CREATE TABLE tags (
    decision_id INTEGER NOT NULL REFERENCES decisions (id) ON DELETE CASCADE, -- the decision
    place INTEGER NOT NULL,                   -- its place among the decision's, from 1
    tag TEXT NOT NULL REFERENCES codebook (tag), -- the ground or bar
    family TEXT NOT NULL,                     -- ground or bar
    score REAL NOT NULL,                      -- the probability that it is right
    cited INTEGER NOT NULL,                   -- 1 where it also stands among the powers, else 0
    PRIMARY KEY (decision_id, place)
) WITHOUT ROWID;
CREATE INDEX tags_tag ON tags (tag, decision_id);

-- Remedies that a decision speaks of.
CREATE TABLE remedies (
    decision_id INTEGER NOT NULL REFERENCES decisions (id) ON DELETE CASCADE, -- the decision
    place INTEGER NOT NULL,                   -- its place among the decision's, from 1
    tag TEXT NOT NULL REFERENCES codebook (tag), -- the remedy, kind:status
    kind TEXT NOT NULL,                       -- apology, payment …
    status TEXT NOT NULL,                     -- sought, provided, agreed or declined
    score REAL NOT NULL,                      -- the probability that it is right
    PRIMARY KEY (decision_id, place)
) WITHOUT ROWID;
CREATE INDEX remedies_tag ON remedies (tag, decision_id);

-- The words that carry a tag or a remedy: characters start to stop of a paragraph.
CREATE TABLE evidence (
    decision_id INTEGER NOT NULL REFERENCES decisions (id) ON DELETE CASCADE, -- the decision
    tag TEXT NOT NULL REFERENCES codebook (tag), -- the ground, bar or remedy
    place INTEGER NOT NULL,                   -- 1 for the best words, then 2 …
    paragraph INTEGER NOT NULL,               -- the number of the paragraph
    start INTEGER NOT NULL,                   -- the first character, counted from 0
    stop INTEGER NOT NULL,                    -- the character behind the last (end in the record)
    text TEXT NOT NULL,                       -- the words
    score REAL NOT NULL,                      -- the probability that they carry the tag
    PRIMARY KEY (decision_id, tag, place),
    FOREIGN KEY (decision_id, paragraph) REFERENCES paragraphs (decision_id, number) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX evidence_tag ON evidence (tag);

-- Grounds and bars that a decision only lists among the Ombudsman's powers.
CREATE TABLE cited (
    decision_id INTEGER NOT NULL REFERENCES decisions (id) ON DELETE CASCADE, -- the decision
    place INTEGER NOT NULL,                   -- its place among the decision's, from 1
    tag TEXT NOT NULL REFERENCES codebook (tag), -- the ground or bar
    paragraphs TEXT NOT NULL,                 -- the numbers of the paragraphs that list it, as JSON
    PRIMARY KEY (decision_id, place)
) WITHOUT ROWID;
CREATE INDEX cited_tag ON cited (tag);

-- Tags near the line, given or not, for a person to look at.
CREATE TABLE review (
    decision_id INTEGER NOT NULL REFERENCES decisions (id) ON DELETE CASCADE, -- the decision
    place INTEGER NOT NULL,                   -- its place among the decision's, the most probable first
    tag TEXT NOT NULL REFERENCES codebook (tag), -- the ground, bar or remedy
    score REAL NOT NULL,                      -- the probability that it is right
    PRIMARY KEY (decision_id, place)
) WITHOUT ROWID;
CREATE INDEX review_tag ON review (tag);

-- What could not be made out in a file, or was restored.
CREATE TABLE warnings (
    decision_id INTEGER NOT NULL REFERENCES decisions (id) ON DELETE CASCADE, -- the decision
    place INTEGER NOT NULL,                   -- its place among the decision's, from 1
    warning TEXT NOT NULL,                    -- one sentence
    PRIMARY KEY (decision_id, place)
) WITHOUT ROWID;

-- Files that could not be tagged when they were last tried.
CREATE TABLE failures (
    source TEXT PRIMARY KEY,                  -- the file as given
    sha256 TEXT,                              -- checksum of its bytes; empty where it could not be read
    problem TEXT NOT NULL                     -- what is wrong and what to do
) WITHOUT ROWID;
