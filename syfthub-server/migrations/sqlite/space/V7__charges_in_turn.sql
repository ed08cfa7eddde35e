-- Open charges are brought to their end in turn: those first that were tried longest ago, so that one whose service never
-- answers keeps no other waiting.
DROP INDEX charges_open;
CREATE INDEX charges_open ON charges (updated_at) WHERE state IN ('reserving', 'reserved', 'settling', 'releasing');
