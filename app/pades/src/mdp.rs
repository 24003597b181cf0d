//! What the signatures of a file permit afterwards: `/DocMDP`, `/FieldMDP` and the locks of fields (ISO 32000-2 §12.7.5.5, §12.8.2).

use crate::pdf::field::fields;
use crate::pdf::{Dictionary, Value, View};
use crate::{Error, Finding};

/// What may still be done. The strictest signature decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Permissions {
    /// `/P` of a certification: 1 nothing, 2 fill forms and sign, 3 comment as well. `None` where nobody certified.
    certified: Option<i64>,
    locks: Vec<Lock>,
}

/// Fields that a signature locked.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Lock {
    All,
    Include(Vec<String>),
    Exclude(Vec<String>),
}

impl Permissions {
    /// Reads them from every signature that the view has, and from the catalogue's `/Perms`. What cannot be understood forbids all.
    pub fn of(view: View<'_>) -> Result<Self, Error> {
        let mut permissions = Self::default();
        for field in fields(view)?.iter().filter(|field| field.is_signature()) {
            let Some(value) = &field.value else { continue };
            let signature = view.resolve(value)?;
            if let Some(signature) = signature.dictionary() {
                permissions.signature(view, signature)?;
            }
            // the lock of a signed field holds even where its signature forgot to repeat it
            let lock = view.get(&field.dictionary, "Lock")?;
            if let Some(lock) = lock.dictionary() {
                permissions.lock(view, lock)?;
                if lock.has("P") {
                    permissions.certify(view.get(lock, "P")?.integer());
                }
            }
        }
        let catalog = view.catalog()?;
        let certification = view.get(&catalog, "Perms")?.dictionary().map_or(Ok(Value::NULL), |permissions| view.get(permissions, "DocMDP"))?;
        if let Some(signature) = certification.dictionary() {
            permissions.signature(view, signature)?;
            permissions.certify(Some(permissions.certified.unwrap_or(2)));
        }
        Ok(permissions)
    }

    /// Why the signature field `name` may not be filled; `None` where it may. A new field has no name that a lock could know.
    pub fn refuses(&self, name: &str, created: bool, time_stamp: bool) -> Option<Finding> {
        let finding = |rule: &str, text: &str| Some(Finding::new(rule, name, text));
        match self.certified {
            // validation data and time stamps keep a document verifiable and are never a change of it (ISO 32000-2 §12.8.2.2.2)
            _ if time_stamp && created => return None,
            Some(1) if !time_stamp => {
                return finding("doc-mdp", "The document was certified as final: its author forbids any further signature.");
            }
            Some(_) if created => {
                return finding("doc-mdp", "The document was certified: signatures may go only into fields that were there before.");
            }
            _ => {}
        }
        let locked = !created && self.locks.iter().any(|lock| lock.holds(name));
        if locked { finding("field-mdp", "An earlier signature locked this field.") } else { None }
    }

    fn signature(&mut self, view: View<'_>, signature: &Dictionary) -> Result<(), Error> {
        let references = view.get(signature, "Reference")?;
        if !references.is_null() && references.array().is_none() {
            self.certify(None);
        }
        for reference in references.array().unwrap_or_default() {
            let reference = view.resolve(reference)?;
            let Some(reference) = reference.dictionary() else { continue };
            let parameters = view.get(reference, "TransformParams")?;
            let parameters = parameters.dictionary().cloned().unwrap_or_default();
            match view.get(reference, "TransformMethod")?.name() {
                Some(b"DocMDP") => {
                    let permission = view.get(&parameters, "P")?;
                    // table 257: 2 where it is not said
                    self.certify(if permission.is_null() { Some(2) } else { permission.integer() });
                }
                Some(b"FieldMDP") => self.lock(view, &parameters)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn certify(&mut self, permission: Option<i64>) {
        let permission = permission.filter(|permission| (1..=3).contains(permission)).unwrap_or(1);
        self.certified = Some(self.certified.map_or(permission, |before| before.min(permission)));
    }

    fn lock(&mut self, view: View<'_>, parameters: &Dictionary) -> Result<(), Error> {
        let names = view.get(parameters, "Fields")?;
        let names = names.array().unwrap_or_default().iter().map(|name| Ok(view.resolve(name)?.text())).collect::<Result<Option<Vec<_>>, Error>>()?;
        let lock = match (view.get(parameters, "Action")?.name(), names) {
            (Some(b"Include"), Some(names)) => Lock::Include(names),
            (Some(b"Exclude"), Some(names)) => Lock::Exclude(names),
            _ => Lock::All,
        };
        if !self.locks.contains(&lock) {
            self.locks.push(lock);
        }
        Ok(())
    }
}

impl Lock {
    fn holds(&self, name: &str) -> bool {
        // a name stands for all that is below it in the tree
        let within =
            |names: &[String]| names.iter().any(|listed| name == listed || name.strip_prefix(listed.as_str()).is_some_and(|rest| rest.starts_with('.')));
        match self {
            Self::All => true,
            Self::Include(names) => within(names),
            Self::Exclude(names) => !within(names),
        }
    }
}
