//! The manifest of an export: it is written last, so a folder without one is not whole.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use callbook_local::folder;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The name of the manifest in its folder.
pub const MANIFEST: &str = "manifest.json";

/// What follows the name of a file that is not whole.
pub const PART: &str = ".part";

/// What the manifest calls the format, and the version of it that this version writes and reads.
const FORMAT: &str = "callbook-export";
/// See [`FORMAT`].
const VERSION: u32 = 1;

/// A manifest.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: String,
    pub version: u32,
    /// The version of the command that wrote it.
    pub callbook: String,
    /// When each file was as it is, RFC 3339.
    pub exported_at: String,
    /// The account, if it is of one alone.
    pub account: Option<String>,
    pub items: u64,
    pub files: Vec<FileEntry>,
    /// How many items are left out, by the reason.
    pub left_out: BTreeMap<String, u64>,
    pub notes: Vec<String>,
}

/// A file of an export.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    pub file: String,
    /// Whose items it has; none for those of no account.
    pub account: Option<String>,
    pub items: u64,
    pub bytes: u64,
    pub sha256: String,
    /// How many items of each type.
    pub types: BTreeMap<String, u64>,
}

impl Manifest {
    /// Begins a manifest.
    pub fn new(account: Option<String>, exported_at: String) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            callbook: env!("CARGO_PKG_VERSION").to_owned(),
            exported_at,
            account,
            items: 0,
            files: Vec::new(),
            left_out: BTreeMap::new(),
            notes: super::NOTES.map(str::to_owned).into(),
        }
    }

    /// Writes it into its folder, at once.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let part = folder.join(format!("{MANIFEST}{PART}"));
        let mut file = folder::open_append(&part)?;
        file.write_all(serde_json::to_string_pretty(self)?.as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::rename(&part, folder.join(MANIFEST))?;
        sync_folder(folder)
    }

    /// Reads the manifest of a folder; also returns by what the export is known.
    ///
    /// # Errors
    /// Returns an error if there is none, or it is of another format.
    pub fn read(folder: &Path) -> Result<(Self, String)> {
        let path = folder.join(MANIFEST);
        let text = fs::read(&path).with_context(|| {
            format!(
                "{} cannot be read: {} is no whole export; run `callbook export all` again",
                path.display(),
                folder.display()
            )
        })?;
        let manifest: Self = serde_json::from_slice(&text)
            .with_context(|| format!("{} is no manifest of an export", path.display()))?;
        ensure!(
            manifest.format == FORMAT && manifest.version == VERSION,
            "{} has format {} version {}; this command reads {FORMAT} version {VERSION}",
            path.display(),
            manifest.format,
            manifest.version
        );
        Ok((manifest, hex::encode(Sha256::digest(&text))))
    }

    /// Checks every file against what the manifest says of it.
    ///
    /// # Errors
    /// Returns an error that names the first file that differs.
    pub fn check(&self, folder: &Path) -> Result<()> {
        for entry in &self.files {
            let path = entry.path(folder)?;
            let mut lines = entry.lines(folder)?;
            let (mut hash, mut bytes, mut items) = (Sha256::new(), 0_u64, 0_u64);
            let mut line = Vec::new();
            while lines
                .read_until(b'\n', &mut line)
                .with_context(|| format!("{} cannot be read", path.display()))?
                > 0
            {
                hash.update(&line);
                bytes += u64::try_from(line.len())?;
                items += 1;
                line.clear();
            }
            ensure!(
                (bytes, items) == (entry.bytes, entry.items)
                    && hex::encode(hash.finalize()) == entry.sha256,
                "{} is not the file that was exported: it has {items} lines and {bytes} bytes, and the manifest says \
                 {} and {}, with SHA-256 {}",
                path.display(),
                entry.items,
                entry.bytes,
                entry.sha256
            );
        }
        let items: u64 = self.files.iter().map(|file| file.items).sum();
        ensure!(
            items == self.items,
            "the manifest counts {} items, and its files have {items}",
            self.items
        );
        Ok(())
    }
}

impl FileEntry {
    /// Where it is.
    ///
    /// # Errors
    /// Returns an error if its name is of another folder.
    fn path(&self, folder: &Path) -> Result<PathBuf> {
        let name = Path::new(&self.file);
        ensure!(
            name.file_name() == Some(name.as_os_str()),
            "the manifest names a file outside its folder"
        );
        Ok(folder.join(name))
    }

    /// Its lines.
    ///
    /// # Errors
    /// Returns an error if it cannot be opened.
    pub fn lines(&self, folder: &Path) -> Result<BufReader<File>> {
        let path = self.path(folder)?;
        let file = File::open(&path).with_context(|| format!("{} is missing", path.display()))?;
        Ok(BufReader::new(file))
    }
}

/// Writes the names of a folder's files to the disk.
pub fn sync_folder(folder: &Path) -> Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}
