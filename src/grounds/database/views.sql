-- The usual questions, as views. Every count is one of decisions.

-- Decisions with their tags in words: a row a decision.
CREATE VIEW overview (
    id,           -- the decision's number in this database
    reference,    -- the Ombudsman's reference
    date,         -- date of the decision
    body,         -- whom the complaint is about
    decision,     -- the outcome as the site words it
    grounds,      -- grounds relied on
    bars,         -- bars relied on
    remedies,     -- remedies, kind:status
    category,     -- the subject, as the site files it
    subject,      -- the category up to the first >
    year          -- the year of the date
) AS
SELECT id, reference, date, body, decision,
    (SELECT group_concat(tag, ', ') FROM tags WHERE decision_id = decisions.id AND family = 'ground'),
    (SELECT group_concat(tag, ', ') FROM tags WHERE decision_id = decisions.id AND family = 'bar'),
    (SELECT group_concat(tag, ', ') FROM remedies WHERE decision_id = decisions.id),
    category, subject, year
FROM decisions;

-- Grounds by council (or other body) and year.
CREATE VIEW grounds_by_body (
    body,         -- whom the complaints are about
    year,         -- year of the decisions
    ground,       -- the ground
    decisions,    -- decisions that rely on it
    of_all,       -- all decisions about that body in that year
    share         -- per cent of them that rely on it
) AS
WITH every AS (SELECT body, year, count(*) AS n FROM decisions GROUP BY body, year)
SELECT d.body, d.year, tags.tag, count(*), every.n, round(100.0 * count(*) / every.n, 1)
FROM tags
JOIN decisions AS d ON d.id = tags.decision_id
JOIN every ON every.body IS d.body AND every.year IS d.year
WHERE tags.family = 'ground'
GROUP BY d.body, d.year, tags.tag;

-- Jurisdiction bars by category.
CREATE VIEW bars_by_category (
    category,     -- the subject, as the site files it
    bar,          -- the bar
    decisions,    -- decisions that rely on it
    of_all,       -- all decisions of that category
    share         -- per cent of them that rely on it
) AS
WITH every AS (SELECT category, count(*) AS n FROM decisions GROUP BY category)
SELECT d.category, tags.tag, count(*), every.n, round(100.0 * count(*) / every.n, 1)
FROM tags
JOIN decisions AS d ON d.id = tags.decision_id
JOIN every ON every.category IS d.category
WHERE tags.family = 'bar'
GROUP BY d.category, tags.tag;

-- Which remedies people ask for, and what becomes of them, by kind.
CREATE VIEW remedies_by_kind (
    kind,                 -- the kind of remedy: apology, payment …
    sought,               -- decisions in which the person asks for it
    provided,             -- decisions in which the body has already given it
    agreed,               -- decisions in which the body agrees to it
    declined,             -- decisions in which it is declined
    sought_and_provided,  -- decisions in which it is sought and provided
    sought_and_agreed,    -- decisions in which it is sought and agreed
    sought_and_declined,  -- decisions in which it is sought and declined
    sought_only           -- decisions in which it is sought and nothing more is said of it
) AS
WITH each AS (
    SELECT kind,
        max(status = 'sought') AS sought,
        max(status = 'provided') AS provided,
        max(status = 'agreed') AS agreed,
        max(status = 'declined') AS declined
    FROM remedies GROUP BY decision_id, kind
)
SELECT kind, sum(sought), sum(provided), sum(agreed), sum(declined),
    sum(sought AND provided), sum(sought AND agreed), sum(sought AND declined),
    sum(sought AND NOT provided AND NOT agreed AND NOT declined)
FROM each GROUP BY kind;

-- Which grounds stand together in a decision; each pair is there both ways round.
CREATE VIEW grounds_together (
    ground,       -- a ground
    other,        -- another one
    decisions,    -- decisions that rely on both
    of_all,       -- decisions that rely on the first
    share         -- per cent of these that rely on the other as well
) AS
WITH every AS (SELECT tag, count(*) AS n FROM tags WHERE family = 'ground' GROUP BY tag)
SELECT one.tag, two.tag, count(*), every.n, round(100.0 * count(*) / every.n, 1)
FROM tags AS one
JOIN tags AS two ON two.decision_id = one.decision_id AND two.tag <> one.tag
JOIN every ON every.tag = one.tag
WHERE one.family = 'ground' AND two.family = 'ground'
GROUP BY one.tag, two.tag;

-- The words that carry each tag, in their paragraph.
CREATE VIEW evidence_in_paragraph (
    decision_id,  -- the decision
    reference,    -- the Ombudsman's reference
    date,         -- date of the decision
    body,         -- whom the complaint is about
    family,       -- ground, bar or remedy
    tag,          -- the tag
    place,        -- 1 for the best words of the tag in this decision, then 2 …
    score,        -- the probability that they carry the tag
    paragraph,    -- the number of the paragraph
    section,      -- its section
    words,        -- the words that carry the tag
    marked        -- the whole paragraph, those words between [[ and ]]
) AS
SELECT d.id, d.reference, d.date, d.body, codebook.family, e.tag, e.place, e.score,
    p.number, p.section, e.text,
    substr(p.text, 1, e.start) || '[[' || e.text || ']]' || substr(p.text, e.stop + 1)
FROM evidence AS e
JOIN decisions AS d ON d.id = e.decision_id
JOIN paragraphs AS p ON p.decision_id = e.decision_id AND p.number = e.paragraph
JOIN codebook ON codebook.tag = e.tag;

-- Tags for a person to look at.
CREATE VIEW for_review (
    decision_id,  -- the decision
    source,       -- the file
    reference,    -- the Ombudsman's reference
    body,         -- whom the complaint is about
    tag,          -- the tag
    score,        -- the probability that it is right
    given,        -- 1 where the tag is given, else 0
    meaning       -- what the tag means
) AS
SELECT d.id, d.source, d.reference, d.body, review.tag, review.score,
    EXISTS (SELECT 1 FROM tags WHERE decision_id = d.id AND tag = review.tag)
    OR EXISTS (SELECT 1 FROM remedies WHERE decision_id = d.id AND tag = review.tag),
    codebook.meaning
FROM review
JOIN decisions AS d ON d.id = review.decision_id
JOIN codebook ON codebook.tag = review.tag;
