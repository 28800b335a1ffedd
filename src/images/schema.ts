/** The store's tables; see `openDatabase` for how migrations work. Released ones never change. */
export const migrations: readonly string[] = [
  `CREATE TABLE images (
     id TEXT PRIMARY KEY,
     base_product TEXT NOT NULL,
     base_version TEXT NOT NULL,
     base_layers INTEGER NOT NULL,
     offline INTEGER NOT NULL,
     manifest TEXT NOT NULL,
     parent TEXT NOT NULL,
     size INTEGER NOT NULL,
     tagged_at INTEGER NOT NULL,
     added_at INTEGER NOT NULL,
     hidden INTEGER NOT NULL DEFAULT 0
   );
   CREATE TABLE names (
     name TEXT NOT NULL,
     image TEXT NOT NULL REFERENCES images (id),
     PRIMARY KEY (name, image)
   );
   CREATE INDEX names_by_image ON names (image);
   CREATE TABLE digests (
     repository TEXT NOT NULL,
     digest TEXT NOT NULL,
     image TEXT NOT NULL REFERENCES images (id),
     PRIMARY KEY (repository, digest, image)
   );
   CREATE INDEX digests_by_image ON digests (image);
   CREATE TABLE layers (
     chain TEXT PRIMARY KEY,
     diff TEXT NOT NULL,
     size INTEGER NOT NULL,
     blob TEXT NOT NULL
   );
   CREATE TABLE image_layers (
     image TEXT NOT NULL,
     position INTEGER NOT NULL,
     chain TEXT NOT NULL REFERENCES layers (chain),
     PRIMARY KEY (image, position)
   );
   CREATE INDEX image_layers_by_chain ON image_layers (chain);
   CREATE TABLE leases (
     holder TEXT PRIMARY KEY,
     image TEXT NOT NULL
   );
   CREATE INDEX leases_by_image ON leases (image);`,
  `CREATE TABLE unsynced_layers (
     chain TEXT PRIMARY KEY,
     boot TEXT NOT NULL
   );`,
];
