//! What the app's types find wrong with a configuration.

use std::collections::HashSet;

use edgezero_store_traits::app_config::{ConfigProblem, Named};

use super::Values;
use super::credential;
use crate::config::finding::Finding;
use crate::typed::Types;

impl Values {
    pub(super) fn check_types(&mut self, types: &Types) {
        let texts = self.texts();
        let mut ill_typed = HashSet::new();
        for problem in (types.check)(&texts) {
            let finding = self.of_problem(&problem, Finding::error);
            self.findings.push(finding);
            ill_typed.insert(problem.key);
        }
        let loose: Vec<_> = self
            .pairs
            .iter()
            .filter(|pair| !ill_typed.contains(&pair.key))
            .filter_map(|pair| {
                let wanted = pair.kind.instead_of(types.field(&pair.key)?.value)?;
                let (key, found) = (&pair.key, pair.kind.name());
                let message = format!("{key} is {found}, and the app reads {wanted}");
                Some(Finding::error(&self.path, pair.line, message))
            })
            .collect();
        self.findings.extend(loose);
        for problem in (types.unknown_keys)(&texts) {
            let finding = self.of_problem(&problem, Finding::warning);
            self.findings.push(finding);
        }
        self.check_for_secrets(types, &texts);
    }

    fn check_for_secrets(&mut self, types: &Types, texts: &[(String, String)]) {
        for named in (types.named_secrets)(texts) {
            if named.what == Named::Store || !credential::looks_like_one(&named.name) {
                continue;
            }
            let key = &named.key;
            let message = format!(
                "{key}: the text looks like a secret, and everyone who can read the store can read \
                 it; write the secret's name here, and give Spin its value by \
                 SPIN_VARIABLE_<NAME>"
            );
            let finding = Finding::warning(&self.path, self.place(key).line, message);
            self.findings.push(finding);
        }
    }

    fn of_problem(
        &self,
        problem: &ConfigProblem,
        finding: fn(&std::path::Path, usize, String) -> Finding,
    ) -> Finding {
        let place = self.place(&problem.key);
        let message = match place.variable {
            Some(variable) => format!("{problem} (from the variable {variable})"),
            None => problem.to_string(),
        };
        finding(&self.path, place.line, message)
    }
}
