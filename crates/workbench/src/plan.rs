//! What determines a run: engine, study, seed, size and the content of every file used. Nothing else.

use serde::{Deserialize, Serialize};

/// A file used by a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileHash {
    /// Path below the data library, `trials/tulip-2.toml`.
    pub path: String,
    /// BLAKE3 of its bytes, 64 hexadecimal digits.
    pub blake3: String,
}

impl FileHash {
    /// The hash of `text` under the name `path`.
    pub fn new(path: &str, text: &str) -> FileHash {
        FileHash {
            path: path.to_string(),
            blake3: blake3::hash(text.as_bytes()).to_hex().to_string(),
        }
    }
}

/// `manifest.json`. Equal manifests mean equal tables, on any machine and any number of threads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Engine version.
    pub engine: String,
    /// Id of the trial or study.
    pub study: String,
    /// Seed.
    pub seed: u64,
    /// Simulated trials.
    pub replicates: u32,
    /// Randomised patients per replicate.
    pub patients: u32,
    /// Every data file used, sorted by path.
    pub files: Vec<FileHash>,
}

impl Manifest {
    /// Name of the plan: 16 hexadecimal digits of the BLAKE3 of the manifest as compact JSON.
    pub fn hash(&self) -> String {
        let text = serde_json::to_string(self).expect("a manifest has text keys only");
        blake3::hash(text.as_bytes()).to_hex()[..16].to_string()
    }

    /// Name of the run folder, `<study>-<hash>`.
    pub fn folder_name(&self) -> String {
        format!("{}-{}", self.study, self.hash())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        Manifest {
            engine: "0.1.0".into(),
            study: "tulip-2".into(),
            seed: 1,
            replicates: 20,
            patients: 362,
            files: vec![FileHash::new("trials/tulip-2.toml", "id = \"tulip-2\"\n")],
        }
    }

    #[test]
    fn hash_changes_with_every_field() {
        let base = manifest().hash();
        let changes: [fn(&mut Manifest); 6] = [
            |m| m.engine.push('1'),
            |m| m.study.push('b'),
            |m| m.seed += 1,
            |m| m.replicates += 1,
            |m| m.patients += 1,
            |m| m.files[0] = FileHash::new("trials/tulip-2.toml", "id = \"tulip-2\" \n"),
        ];
        for change in changes {
            let mut changed = manifest();
            change(&mut changed);
            assert_ne!(changed.hash(), base);
        }
        assert_eq!(manifest().hash(), base);
        assert_eq!(base.len(), 16);
    }
}
