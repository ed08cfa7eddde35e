//! Which files a tenant may read: the root tenant all that the space can, every other one those in its own folder below
//! `SPACE_TENANT_FILES`. Otherwise the files of one tenant could be searched by another.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::space::ids::TenantId;
use crate::space::kind::BadConfiguration;
use crate::space::node::Space;

/// The files of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Files {
    /// Whatever the space can read.
    All,
    /// What lies below this folder.
    Below(PathBuf),
    /// None.
    None,
}

impl Space {
    /// The files that the datasets of `tenant` may read.
    pub(crate) fn files_of(&self, tenant: TenantId) -> Files {
        if tenant == TenantId::ROOT {
            return Files::All;
        }
        let folder = self.config.access.tenant_files.as_ref();
        match folder.zip(self.tenants.name(tenant)) {
            Some((folder, name)) => Files::Below(folder.join(name)),
            None => Files::None,
        }
    }
}

impl Files {
    /// Refuses a settled configuration, whose paths are canonical, that names other files. Blocks.
    pub(crate) fn admit(&self, configuration: &Map<String, Value>) -> Result<(), BadConfiguration> {
        let paths = configuration.get("filePaths").and_then(Value::as_array).into_iter().flatten();
        for path in paths.filter_map(|root| root["path"].as_str()) {
            self.admit_path(Path::new(path)).map_err(|reason| {
                BadConfiguration(format!("configuration.filePaths: {path}: {reason}"))
            })?;
        }
        Ok(())
    }

    fn admit_path(&self, path: &Path) -> Result<(), &'static str> {
        const OUTSIDE: &str = "this tenant may not read it";
        match self {
            Self::All => Ok(()),
            Self::None => {
                Err("tenants read files only where SPACE_TENANT_FILES gives them a folder")
            }
            Self::Below(folder) => match folder.canonicalize() {
                Ok(folder) if path.starts_with(&folder) => Ok(()),
                _ => Err(OUTSIDE),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_tenant_reads_its_own_folder_and_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for name in ["acme", "acme-2"] {
            std::fs::create_dir(root.join(name)).unwrap();
        }
        let configuration =
            |path: PathBuf| json!({"filePaths": [{"path": path}]}).as_object().unwrap().clone();
        let files = Files::Below(root.join("acme"));
        assert!(files.admit(&configuration(root.join("acme/notes.md"))).is_ok());
        assert!(files.admit(&configuration(root.join("acme-2"))).is_err());
        assert!(files.admit(&configuration(root.clone())).is_err());
        assert!(Files::None.admit(&configuration(root.join("acme"))).is_err());
        assert!(Files::None.admit(&Map::new()).is_ok(), "a type without files needs none");
        assert!(Files::All.admit(&configuration(root)).is_ok());
    }
}
