-- The knowledge base. Built by ingest from data/ (clusters by `npm run cluster`); docs/schema.md is generated from the
-- comments here: the line above a table describes it, the comment after a column describes the column.

-- A reference of the survey; the reviewed ones have a section and a summary.
create table paper (
  id text primary key,               -- family name of the first author, year, method or first title word: he2022mae
  ref integer unique,                -- number in the survey's reference list; null for a paper added later
  title text not null,               -- as printed, OCR damage mended
  year integer not null,             -- year of publication as printed
  venue text not null,               -- usual short form: CVPR, TPAMI, arXiv
  short_name text,                   -- method name, where the survey's text or the title prints one
  section text references section (number), -- subsection of the survey that reviews it; null when only cited
  summary text,                      -- 60 to 120 words of our own; null when only cited
  arxiv text,                        -- arXiv id without version
  doi text,                          -- DOI without resolver
  url text,                          -- landing page
  code_url text,                     -- released code
  surveyed integer not null check (surveyed in (0, 1)), -- 1: reviewed in section 3
  volume text,                       -- volume as printed
  pages text,                        -- first and last page as printed, with an en dash
  et_al integer not null check (et_al in (0, 1)) -- 1: the printed author list ends in "et al."
) strict, without rowid;

-- Authors as printed, in printed order.
create table author (
  paper_id text not null references paper (id), -- paper
  position integer not null,         -- from 1
  name text not null,                -- family name and initials: He K
  primary key (paper_id, position)
) strict, without rowid;

-- The six research directions of the survey's taxonomy (Fig. 4).
create table contribution (
  id text primary key,               -- masking-strategy, target-features, ...
  label text not null,               -- name for people
  description text not null,         -- one or two sentences of our own
  source text not null,              -- place in the survey
  position integer not null          -- printed order, from 1
) strict, without rowid;

-- The subsections of section 3: one for each set of contributions.
create table section (
  number text primary key,           -- 3.1 to 3.18
  title text not null,               -- as printed
  note text not null,                -- one sentence of our own
  position integer not null          -- printed order, from 1
) strict, without rowid;

-- Which contributions a section stands for.
create table section_contribution (
  section text not null references section (number), -- section
  contribution_id text not null references contribution (id), -- direction
  primary key (section, contribution_id)
) strict, without rowid;

-- Contributions of a reviewed paper: those of its section.
create table paper_contribution (
  paper_id text not null references paper (id), -- paper
  contribution_id text not null references contribution (id), -- direction
  primary key (paper_id, contribution_id)
) strict, without rowid;

-- Kinds of facets, each with a controlled vocabulary.
create table facet_kind (
  kind text primary key,             -- pipeline, masking, mask-ratio, target, objective, architecture, modality, task
  label text not null,               -- name for people
  source text not null,              -- place in the survey
  position integer not null          -- order of display, from 1
) strict, without rowid;

-- The vocabulary of each kind; a value may have a parent.
create table facet_value (
  kind text not null references facet_kind (kind), -- kind
  value text not null,               -- kebab-case, or a decimal fraction for mask-ratio
  label text not null,               -- name for people
  parent text,                       -- broader value of the same kind
  note text,                         -- what it covers
  position integer not null,         -- order of display within the kind, from 1
  primary key (kind, value),
  foreign key (kind, parent) references facet_value (kind, value)
) strict, without rowid;

-- Facets of the reviewed papers; a value implies its parents, which are present too.
create table facet (
  paper_id text not null references paper (id), -- paper
  kind text not null,                -- kind
  value text not null,               -- value of that kind
  primary key (paper_id, kind, value),
  foreign key (kind, value) references facet_value (kind, value)
) strict, without rowid;

-- Data sets: the survey's Table 1, one row per printed row.
create table dataset (
  id text primary key,               -- kebab-case name
  name text not null,                -- as printed
  modality text not null,            -- as printed: Images, Language & Images, Video, 3D Data, Medical Images
  role text not null,                -- as printed: Pre-training, Downstream, Pre-training & Downstream
  train_samples integer,             -- number of training samples; null where a dash is printed
  test_samples integer,              -- number of test samples; null where a dash is printed
  paper_id text references paper (id), -- the reference printed with it
  survey_row integer not null unique, -- row in Table 1, from 1
  description text,                  -- our words on section 5; null when not described there
  description_source text,           -- place in the survey
  note text                          -- how a doubtful cell was decided
) strict, without rowid;

-- Tables 2 to 4: one row per value.
create table result (
  id integer primary key,            -- printed order over the three tables
  benchmark text not null,           -- imagenet-1k, ms-coco, kinetics-400
  backbone text not null,            -- as printed: ViT-B
  pretraining text not null,         -- data sets joined with + in printed order: IN1K+SSv2
  method text not null,              -- as printed
  paper_id text not null references paper (id), -- the Method column's citation
  metric text not null check (metric in ('top1', 'map_box', 'map_mask')), -- top-1 accuracy, box or mask mAP
  value real not null check (value > 0 and value < 100), -- per cent
  survey_table integer not null,     -- 2, 3 or 4
  survey_row integer not null,       -- printed row, from 1
  note text,                         -- how a doubtful cell was decided, and where the paper has another figure
  unique (survey_table, survey_row, metric)
) strict;

-- Contradictions inside the survey, and between the survey and papers' own figures.
create table discrepancy (
  id text primary key,               -- kebab-case
  subject text not null,             -- paper id, data-set id, or a place in the survey
  survey_says text not null,         -- what the survey prints
  other_says text not null,          -- what another place or the paper says
  source text not null               -- where each stands
) strict, without rowid;

-- The survey's timeline (Fig. 1 and section 1).
create table timeline (
  position integer primary key,      -- order, from 1
  paper_id text not null references paper (id), -- paper
  venue text not null,               -- where it appeared
  year integer not null,             -- when it appeared
  note text not null,                -- our words
  source text not null               -- place in the survey
) strict;

-- The survey's two generic algorithms (section 2).
create table algorithm (
  id text primary key,               -- reconstruction, contrastive
  number integer not null unique,    -- Algorithm 1, Algorithm 2
  title text not null,               -- as printed
  source text not null               -- place in the survey
) strict, without rowid;

-- Models and inputs of an algorithm.
create table algorithm_symbol (
  algorithm_id text not null references algorithm (id), -- algorithm
  position integer not null,         -- printed order, from 1
  role text not null check (role in ('model', 'input')), -- printed under Models or Input
  tex text not null,                 -- TeX
  meaning text not null,             -- our words
  primary key (algorithm_id, position)
) strict, without rowid;

-- Printed steps of an algorithm.
create table algorithm_step (
  algorithm_id text not null references algorithm (id), -- algorithm
  step integer not null,             -- printed number, from 1
  tex text not null,                 -- TeX
  explanation text not null,         -- our words
  primary key (algorithm_id, step)
) strict, without rowid;

-- Numbered equations of an algorithm.
create table equation (
  number integer primary key,        -- printed number
  algorithm_id text not null references algorithm (id), -- algorithm that uses it
  tex text not null,                 -- TeX
  explanation text not null,         -- our words
  source text not null               -- place in the survey
) strict;

-- What section 6 concludes from the tables.
create table finding (
  id text primary key,               -- kebab-case
  statement text not null,           -- our words
  source text not null,              -- place in the survey
  position integer not null          -- printed order, from 1
) strict, without rowid;

-- Table rows that a finding rests on.
create table finding_evidence (
  finding_id text not null references finding (id), -- finding
  survey_table integer not null,     -- 1 to 4
  survey_row integer not null,       -- printed row, from 1
  primary key (finding_id, survey_table, survey_row)
) strict, without rowid;

-- Research gaps and directions of section 7.
create table gap (
  id text primary key,               -- kebab-case
  title text not null,               -- a few words
  text text not null,                -- our words
  source text not null,              -- place in the survey
  position integer not null          -- printed order, from 1
) strict, without rowid;

-- Contributions that a gap concerns.
create table gap_contribution (
  gap_id text not null references gap (id), -- gap
  contribution_id text not null references contribution (id), -- direction
  primary key (gap_id, contribution_id)
) strict, without rowid;

-- Other surveys of the field and how they differ.
create table related_survey (
  paper_id text primary key references paper (id), -- the other survey
  difference text not null,          -- our words
  source text not null               -- place in the survey
) strict, without rowid;

-- Clusters that section 4 names in its dendrogram (Fig. 20).
create table theme (
  id text primary key,               -- kebab-case
  label text not null,               -- name for people
  category text not null,            -- what kind of theme section 4 calls it
  rule text not null,                -- JSON: which facets make a paper a member
  source text not null,              -- place in the survey
  position integer not null          -- printed order, from 1
) strict, without rowid;

-- Members of a theme by its rule.
create table theme_paper (
  theme_id text not null references theme (id), -- theme
  paper_id text not null references paper (id), -- member
  primary key (theme_id, paper_id)
) strict, without rowid;

-- Words of the abstract, counted; the text itself is not kept. Titles are not among them: paper has those.
create table term_count (
  paper_id text not null references paper (id), -- paper
  term text not null,                -- word in lower case
  count integer not null check (count > 0), -- occurrences in the abstract
  primary key (paper_id, term)
) strict, without rowid;

-- Flat clusters, numbered by leaf order.
create table cluster (
  id integer primary key,            -- from 1, left to right
  label text not null,               -- most distinctive words and phrases
  size integer not null,             -- number of papers
  height real not null,              -- height of the merge that makes it; 0 for a single paper
  node integer not null,             -- the cluster in the linkage matrix: a leaf id, or n + step
  silhouette real not null           -- mean silhouette of its papers, -1 to 1; below 0 they lie nearer to another cluster
) strict;

-- The words of a cluster's name, one by one.
create table cluster_term (
  cluster_id integer not null references cluster (id), -- cluster
  rank integer not null,             -- from 1, most distinctive first
  term text not null,                -- word or two-word phrase
  primary key (cluster_id, rank)
) strict, without rowid;

-- Papers of a cluster.
create table cluster_paper (
  cluster_id integer not null references cluster (id), -- cluster
  paper_id text not null references paper (id), -- paper
  typical integer,                   -- 1 for the paper nearest to all others of the cluster, 2 and 3 for the next; else null
  primary key (cluster_id, paper_id)
) strict, without rowid;

-- Leaves of the dendrogram. The order of the drawing brings near papers together; every subtree of merge stands in one run.
create table leaf (
  leaf_id integer primary key,       -- from 0, papers by id
  position integer not null unique,  -- from 0, left to right in the drawing
  paper_id text not null unique references paper (id) -- paper
) strict;

-- The linkage matrix, in SciPy's numbering: ids below n are leaves, step s makes n + s. Leaf tells which side stands left.
create table merge (
  step integer primary key,          -- from 0
  left integer not null,             -- smaller id of the two merged
  right integer not null,            -- larger id of the two merged
  height real not null,              -- Ward distance
  size integer not null,             -- leaves below
  au real,                           -- approximately unbiased support, 0 to 1; null when none was computed
  au_error real,                     -- standard error of au
  bp real,                           -- bootstrap probability, 0 to 1
  bp_error real,                     -- standard error of bp
  recovery real                      -- mean over resamples of the best Jaccard similarity with a cluster of the new tree, 0 to 1
) strict;

-- What speaks for each number of clusters.
create table cut (
  clusters integer primary key,      -- number of clusters
  smallest integer not null,         -- papers of the smallest cluster
  silhouette real not null,          -- mean silhouette, -1 to 1
  calinski_harabasz real not null,   -- spread between over spread within clusters
  gap real not null,                 -- gap statistic against shuffled terms
  gap_error real not null,           -- its standard error
  chosen integer not null check (chosen in (0, 1)) -- 1: the cut that is shown
) strict;

-- How often a contribution meets a cluster.
create table cluster_contribution (
  cluster_id integer not null references cluster (id), -- cluster
  contribution_id text not null references contribution (id), -- direction
  papers integer not null,           -- papers of the cluster with the contribution
  expected real not null,            -- as many if the two had nothing to do with each other
  residual real not null,            -- standard deviations that papers lies above or below expected
  primary key (cluster_id, contribution_id)
) strict, without rowid;

-- How a paper's words fit its section of the manual taxonomy.
create table section_fit (
  paper_id text primary key references paper (id), -- paper
  chance real not null               -- chance that a paper of its section is nearer than one of another; below 0.5 it lies among others
) strict, without rowid;

-- For each theme of section 4 the subtree that matches its members best.
create table theme_subtree (
  theme_id text primary key references theme (id), -- theme
  members integer not null,          -- papers that the rule makes members
  node integer not null,             -- subtree in the linkage matrix: a leaf id, or n + step
  size integer not null,             -- papers of the subtree
  height real not null,              -- height of its merge
  precision real not null,           -- share of the subtree that is members
  recall real not null,              -- share of the members that is in the subtree
  f1 real not null                   -- harmonic mean of the two
) strict, without rowid;

-- A map of the papers: near ones have similar words. Axes have no meaning.
create table map_point (
  paper_id text primary key references paper (id), -- paper
  x real not null,                   -- 0 to 1
  y real not null                    -- 0 to 1
) strict, without rowid;

-- Choices of preprocessing and what each does to the clusters.
create table preprocessing (
  position integer primary key,      -- from 1; the first is plain
  label text not null,               -- what is done
  options text not null,             -- the same for the command line
  used integer not null check (used in (0, 1)), -- 1: the choice behind the clusters shown
  chosen integer not null check (chosen in (0, 1)), -- 1: the choice that the criterion takes
  terms integer not null,            -- number of terms
  reproducibility real not null,     -- adjusted mutual information of clusters from two halves of the terms: the criterion
  reproducibility_error real not null, -- its standard error
  silhouette real not null,          -- mean silhouette of the cut compared
  cophenetic_correlation real not null, -- of the tree with the distances
  adjusted_mutual_information real not null, -- of the cut with the manual sections
  theme_f1 real                      -- mean F1 of the best subtrees of the themes
) strict;

-- The papers nearest to each reviewed paper in the space that is clustered.
create table neighbour (
  paper_id text not null references paper (id), -- paper
  rank integer not null,             -- from 1, nearest first
  neighbour_id text not null references paper (id), -- the near paper
  distance real not null,            -- Euclidean distance of unit TF-IDF vectors, 0 to the square root of 2
  primary key (paper_id, rank)
) strict, without rowid;

-- The rest of the clustering run, as JSON.
create table cluster_run (
  key text primary key,              -- parameters, reason of the cut, fallback, scores, support, map, preprocessing
  value text not null                -- JSON
) strict, without rowid;

-- Reference implementations of the package masked-image-modeling.
create table implementation (
  id text primary key,               -- name on the command line: mae
  title text not null,               -- name for people
  level text not null check (level in ('parity', 'mechanism', 'framework')), -- what is proven of it
  module text not null,              -- source file in the package: methods/mae.ts
  method text not null,              -- name of the exported recipe
  source text not null,              -- section, equation or algorithm that it follows
  proof text not null,               -- test or recorded run that proves the level
  modality text not null,            -- what it trains on in the toy world: rgb, video, ...
  steps integer not null,            -- steps of its toy run
  pictures integer not null check (pictures in (0, 1)), -- 1: a run shows what it predicts
  classifies integer not null check (classifies in (0, 1)), -- 1: its encoder is meant to tell classes
  tried text                         -- where toy runs do not show that its encoder learns: what was tried
) strict, without rowid;

-- Which papers an implementation is of.
create table paper_implementation (
  paper_id text not null references paper (id), -- paper
  implementation_id text not null references implementation (id), -- implementation
  primary key (paper_id, implementation_id)
) strict, without rowid;

-- The recipe of an implementation: one building block for each of the survey's four axes.
create table implementation_part (
  implementation_id text not null references implementation (id), -- implementation
  axis text not null check (axis in ('masking', 'target', 'objective', 'architecture')), -- axis
  file text not null,                -- source file in the package: masking/random.ts
  does text not null,                -- what it does there, in a few words
  primary key (implementation_id, axis)
) strict, without rowid;

-- Hyper-parameters that the paper of an implementation publishes.
create table implementation_parameter (
  implementation_id text not null references implementation (id), -- implementation
  position integer not null,         -- order, from 1
  name text not null,                -- name in the code: maskRatio
  value text not null,               -- value as published
  source text not null,              -- place in the paper or in the released code
  primary key (implementation_id, position)
) strict, without rowid;

-- The authors' code that an implementation of level parity was compared with, as recorded once.
create table implementation_recording (
  implementation_id text primary key references implementation (id), -- implementation
  repository text not null,          -- address of the released code
  revision text not null,            -- commit that was run
  entry text not null,               -- functions that were recorded
  checks text not null               -- what the recording covers
) strict, without rowid;

-- Runs of the implementations on the toy world: neither reported by a paper nor a reproduction of one.
create table toy_run (
  implementation_id text not null references implementation (id), -- implementation
  seed integer not null,             -- seed of data, parameters and masks
  steps integer not null,            -- training steps
  seconds real not null,             -- wall-clock time
  revision text not null,            -- commit that was run
  probe real,                        -- accuracy of a linear probe of the encoder, 0 to 1; null when it has no classes to tell
  knn real,                          -- accuracy of a k-nearest-neighbour vote, 0 to 1
  untrained_probe real,              -- the probe on the same encoder before training
  untrained_knn real,                -- the vote on the same encoder before training
  supervised real,                   -- the probe on the same encoder trained on labels
  raw_pixels real,                   -- the probe on the pixels themselves
  primary key (implementation_id, seed)
) strict, without rowid;

-- Full-text index over papers: select id from paper_text where paper_text match 'optical flow'.
create virtual table paper_text using fts5 (
  id unindexed,                      -- paper
  title,                             -- title
  short_name,                        -- method name
  authors,                           -- all names
  summary,                           -- summary
  tokenize = 'porter unicode61 remove_diacritics 2'
);
