//! A type folder's text becomes a checked [`TypeDefinition`], or a problem with its file and line.

use std::collections::BTreeSet;

use app::model::{Field, FieldKind, LocalText, Seal, SealPlace, StepDefinition, TypeDefinition, TypeFiles, TypeSource};

use super::spans::{At, line_at, line_of};
use super::{ImportProblem, both, condition, decimal, numbering};

const MAX_DEFINITION: usize = 64 << 10;
const MAX_TEMPLATE: usize = 256 << 10;
const MAX_FIELDS: usize = 60;
const MAX_COLUMNS: usize = 12;
const MAX_CHOICES: usize = 100;
const MAX_STEPS: usize = 12;
/// Words that CEL keeps for itself, so no field can have them as key.
const RESERVED: [&str; 21] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "true",
    "var",
    "void",
    "while",
];

/// Checks a folder's texts as far as that goes without rendering; [`super::sample`] has the data to render it with.
pub fn check(files: &TypeFiles) -> Result<TypeDefinition, ImportProblem> {
    let definition = parse(&files.definition)?;
    let problem = |en: &str, zh: &str| Err(ImportProblem { file: "template.typ", line: None, text: both(en, zh) });
    match (definition.source, files.template.as_deref().map(str::trim)) {
        (TypeSource::Template, None | Some("")) => problem(
            "the template is missing; add template.typ, or say file = \"upload\" in type.toml",
            "缺少模板；请添加 template.typ，或在 type.toml 中写 file = \"upload\"",
        ),
        (TypeSource::Upload, Some(template)) if !template.is_empty() => {
            problem("a type with file = \"upload\" has no template; remove template.typ", "file = \"upload\" 的类型没有模板；请删除 template.typ")
        }
        (_, Some(template)) if template.len() > MAX_TEMPLATE => problem("the template is over 256 KB", "模板超过 256 KB"),
        _ => Ok(definition),
    }
}

/// Parses and checks a `type.toml`.
pub fn parse(text: &str) -> Result<TypeDefinition, ImportProblem> {
    if text.len() > MAX_DEFINITION {
        return Err(ImportProblem { file: "type.toml", line: None, text: both("the file is over 64 KB", "文件超过 64 KB") });
    }
    let definition: TypeDefinition = toml::from_str(text).map_err(|error| ImportProblem {
        file: "type.toml",
        line: error.span().map(|span| line_at(text, span.start)),
        text: both(error.message(), format!("无法读取：{}", error.message())),
    })?;
    Checker { text, definition: &definition }.all()?;
    Ok(definition)
}

struct Checker<'a> {
    text: &'a str,
    definition: &'a TypeDefinition,
}

type Checked = Result<(), ImportProblem>;

impl Checker<'_> {
    fn all(&self) -> Checked {
        self.head()?;
        let mut keys = BTreeSet::new();
        for (place, field) in self.definition.fields.iter().enumerate() {
            self.field(place, field, &mut keys)?;
        }
        self.matter()?;
        self.steps()
    }

    /// Fails at `path` unless `good`.
    fn must(&self, good: bool, path: &[At], en: impl FnOnce() -> String, zh: impl FnOnce() -> String) -> Checked {
        if good { Ok(()) } else { Err(ImportProblem { file: "type.toml", line: line_of(self.text, path), text: both(en(), zh()) }) }
    }

    fn said(&self, path: &[At], text: LocalText) -> ImportProblem {
        ImportProblem { file: "type.toml", line: line_of(self.text, path), text }
    }

    fn label(&self, text: &LocalText, path: &[At]) -> Checked {
        let good = |label: &str| !label.trim().is_empty() && label.chars().count() <= 120 && !label.chars().any(char::is_control);
        self.must(
            good(&text.en) && good(&text.zh),
            path,
            || "a text needs en and zh, 1 to 120 characters each".into(),
            || "文字需要 en 与 zh 两种语言，各 1 至 120 个字符".into(),
        )
    }

    fn head(&self) -> Checked {
        let definition = self.definition;
        self.label(&definition.name, &[At::Key("name")])?;
        numbering::check(&definition.code, &definition.number).map_err(|text| self.said(&[At::Key("number")], text))?;
        self.must(
            is_key(&definition.database, "_"),
            &[At::Key("database")],
            || "a database name is 1 to 40 lower-case letters, digits and underscores, a letter first".into(),
            || "数据库名称为 1 至 40 个小写字母、数字和下划线，以字母开头".into(),
        )?;
        self.must(
            definition.volume.as_ref().is_none_or(|volume| volume.parse::<crate::store::VolumeName>().is_ok()),
            &[At::Key("volume")],
            || "a volume's name is 1 to 20 lower-case letters and digits".into(),
            || "存储卷名称为 1 至 20 个小写字母和数字".into(),
        )?;
        for (place, role) in definition.creators.iter().enumerate() {
            self.must(
                is_key(role, "-_"),
                &[At::Key("creators"), At::Item(place)],
                || format!("{role} is not a role name: lower-case letters, digits and dashes"),
                || format!("{role} 不是角色名：只用小写字母、数字和短横线"),
            )?;
        }
        self.must(definition.fields.len() <= MAX_FIELDS, &[At::Key("field")], || format!("at most {MAX_FIELDS} fields"), || format!("字段最多 {MAX_FIELDS} 个"))
    }

    fn field<'f>(&self, place: usize, field: &'f Field, keys: &mut BTreeSet<&'f str>) -> Checked {
        let at = |key| [At::Key("field"), At::Item(place), At::Key(key)];
        let key = &field.key;
        self.must(
            is_key(key, "_") && !RESERVED.contains(&key.as_str()),
            &at("key"),
            || format!("{key} is not a field key: lower-case letters, digits and underscores, a letter first, no word CEL keeps for itself"),
            || format!("{key} 不是有效的字段键：小写字母、数字和下划线，以字母开头，且不是 CEL 保留字"),
        )?;
        self.must(keys.insert(key), &at("key"), || format!("the field {key} is there twice"), || format!("字段 {key} 重复"))?;
        self.label(&field.label, &at("label"))?;
        if let Some(hint) = &field.hint {
            self.label(hint, &at("hint"))?;
        }
        let is_choice = field.kind == FieldKind::Choice;
        self.must(
            is_choice != field.choices.is_empty() && field.choices.len() <= MAX_CHOICES,
            &at("choices"),
            || format!("a choice has 1 to {MAX_CHOICES} choices, another field none"),
            || format!("choice 字段需要 1 至 {MAX_CHOICES} 个 choices，其他字段没有"),
        )?;
        let mut values = BTreeSet::new();
        for choice in &field.choices {
            self.must(
                !choice.value.is_empty() && choice.value.chars().count() <= 80 && values.insert(&choice.value),
                &at("choices"),
                || "choice values are 1 to 80 characters and all different".into(),
                || "选项的 value 为 1 至 80 个字符且互不相同".into(),
            )?;
            self.label(&choice.label, &at("choices"))?;
        }
        self.columns(place, field)?;
        let numeric = matches!(field.kind, FieldKind::Number | FieldKind::Money);
        for (name, bound) in [("min", &field.min), ("max", &field.max)] {
            let good = bound.as_ref().is_none_or(|bound| numeric && decimal::parse(bound).is_some());
            self.must(
                good,
                &at(name),
                || format!("{name} is a decimal string on a number or money field"),
                || format!("{name} 只用于 number 或 money 字段，写成十进制字符串"),
            )?;
        }
        Ok(())
    }

    fn columns(&self, place: usize, field: &Field) -> Checked {
        let at = [At::Key("field"), At::Item(place), At::Key("column")];
        let is_table = field.kind == FieldKind::Table;
        self.must(
            is_table != field.columns.is_empty() && field.columns.len() <= MAX_COLUMNS,
            &at,
            || format!("a table has 1 to {MAX_COLUMNS} columns, another field none"),
            || format!("table 字段需要 1 至 {MAX_COLUMNS} 列，其他字段没有"),
        )?;
        let mut keys = BTreeSet::new();
        for (number, column) in field.columns.iter().enumerate() {
            let at = |key| [at[0], at[1], at[2], At::Item(number), At::Key(key)];
            self.must(
                is_key(&column.key, "_") && keys.insert(&column.key),
                &at("key"),
                || format!("{} is no column key or there twice", column.key),
                || format!("列键 {} 无效或重复", column.key),
            )?;
            self.label(&column.label, &at("label"))?;
            self.must(
                matches!(column.kind, FieldKind::Text | FieldKind::Number | FieldKind::Money | FieldKind::Date),
                &at("kind"),
                || "a column is text, number, money or date".into(),
                || "列的类型只能是 text、number、money 或 date".into(),
            )?;
        }
        Ok(())
    }

    fn matter(&self) -> Checked {
        let at = [At::Key("matter")];
        let matter = &self.definition.matter;
        self.must(
            (1..=6).contains(&matter.len()),
            &at,
            || "matter names 1 to 6 fields that identify the business fact".into(),
            || "matter 列出 1 至 6 个能确定事项的字段".into(),
        )?;
        let mut seen = BTreeSet::new();
        for key in matter {
            let field = self.definition.fields.iter().find(|field| &field.key == key);
            let single = |kind| !matches!(kind, FieldKind::Table | FieldKind::Image | FieldKind::Paragraph);
            self.must(
                seen.insert(key) && field.is_some_and(|field| field.required && single(field.kind)),
                &at,
                || format!("{key} cannot identify a matter: it must be a required one-line field, named once"),
                || format!("{key} 不能用来确定事项：须为必填的单行字段，且只列一次"),
            )?;
        }
        Ok(())
    }

    fn steps(&self) -> Checked {
        let steps = &self.definition.steps;
        self.must(
            (1..=MAX_STEPS).contains(&steps.len()),
            &[At::Key("step")],
            || format!("a route has 1 to {MAX_STEPS} steps"),
            || format!("流程需要 1 至 {MAX_STEPS} 个环节"),
        )?;
        self.must(
            steps.iter().any(|step| step.when.is_none()),
            &[At::Key("step")],
            || "at least one step must have no condition, so that no document is without a decision".into(),
            || "至少一个环节不带条件，以免单据无人审批".into(),
        )?;
        let mut keys = BTreeSet::new();
        for (place, step) in steps.iter().enumerate() {
            let at = |key| [At::Key("step"), At::Item(place), At::Key(key)];
            self.must(
                is_key(&step.key, "-_") && keys.insert(&step.key),
                &at("key"),
                || format!("{} is no step key or there twice", step.key),
                || format!("环节键 {} 无效或重复", step.key),
            )?;
            self.label(&step.name, &at("name"))?;
            let person = step.role.strip_prefix('@');
            self.must(
                person.map_or_else(|| is_key(&step.role, "-_"), is_login),
                &at("role"),
                || format!("{} is neither a role (lower-case letters, digits, dashes) nor a person (@login)", step.role),
                || format!("{} 既不是角色（小写字母、数字、短横线）也不是个人（@登录名）", step.role),
            )?;
            if let Some(when) = &step.when {
                condition::check(self.definition, when).map_err(|text| self.said(&at("when"), text))?;
            }
            if let Some(seal) = &step.seal {
                self.seal(place, seal, &steps[..place])?;
            }
        }
        Ok(())
    }

    fn seal(&self, place: usize, seal: &Seal, before: &[StepDefinition]) -> Checked {
        let at = [At::Key("step"), At::Item(place), At::Key("seal")];
        let Some(seal) = seal.place() else {
            let nowhere = Seal { design: seal.design, ..Seal::default() };
            return self.must(
                *seal == nowhere,
                &at,
                || "a seal has all of page, x, y, width and height, or none of them; without them the approver places it".into(),
                || "签章的 page、x、y、width、height 须全部给出或全部不写；不写时由审批人自行放置".into(),
            );
        };
        let within = |value: f64, least: f64, most: f64| value.is_finite() && (least..=most).contains(&value);
        self.must(
            seal.page != 0
                && (-500..=500).contains(&seal.page)
                && within(seal.x, 0.0, 1_000.0)
                && within(seal.y, 0.0, 1_000.0)
                && within(seal.width, 15.0, 150.0)
                && within(seal.height, 15.0, 150.0),
            &at,
            || "a seal has a page (1 is the first, -1 the last), x and y from 0, and 15 to 150 mm on each side".into(),
            || "签章需要页码（1 为首页，-1 为末页）、不小于 0 的 x 与 y，边长 15 至 150 毫米".into(),
        )?;
        let apart = |other: &SealPlace| {
            other.page != seal.page
                || other.x + other.width <= seal.x
                || seal.x + seal.width <= other.x
                || other.y + other.height <= seal.y
                || seal.y + seal.height <= other.y
        };
        self.must(
            before.iter().filter_map(StepDefinition::place).all(|other| apart(&other)),
            &at,
            || "this seal would lie over another step's seal".into(),
            || "此签章与其他环节的签章重叠".into(),
        )
    }
}

/// 1 to 40 lower-case letters and digits, and those of `more`; a letter first.
fn is_key(text: &str, more: &str) -> bool {
    text.len() <= 40
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || more.contains(c))
}

fn is_login(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::shipped;

    fn expense() -> String {
        shipped::all().into_iter().find(|files| files.definition.contains("\"EXP\"")).unwrap().definition
    }

    #[test]
    fn each_defect_is_refused_with_its_line() {
        let good = expense();
        parse(&good).unwrap();
        for (right, wrong) in [
            ("code = \"EXP\"", "code = \"exp\""),
            ("number = \"EXP-{yyyy}-{seq:6}\"", "number = \"EXP-{yyyy}\""),
            ("number = \"EXP-{yyyy}-{seq:6}\"", "number = \"WO-{yyyy}-{seq:6}\""),
            ("matter = [\"project\", \"invoice\"]", "matter = [\"project\", \"nothing\"]"),
            ("matter = [\"project\", \"invoice\"]", "matter = [\"project\", \"receipt\"]"),
            ("matter = [\"project\", \"invoice\"]", "matter = []"),
            ("when = \"amount >= 5000\"", "when = \"amount >=\""),
            ("when = \"amount >= 5000\"", "when = \"total >= 5000\""),
            ("when = \"amount >= 5000\"", "when = \"amount\""),
            ("role = \"finance\"", "role = \"Finance!\""),
            ("key = \"project\"", "key = \"in\""),
            ("kind = \"money\"", "kind = \"gold\""),
            ("y = 18, width = 42, height = 42 }", "y = 18, width = 42 }"),
            ("y = 18, width = 42, height = 42 }", "y = 18, width = 42, height = 42, design = \"gold\" }"),
        ] {
            let bad = good.replacen(right, wrong, 1);
            assert_ne!(bad, good, "{right}");
            let problem = parse(&bad).unwrap_err();
            let line = bad.lines().position(|line| line.contains(wrong)).unwrap() + 1;
            assert_eq!(problem.line, Some(line), "{wrong}: {problem:?}");
            assert!(!problem.text.en.is_empty() && !problem.text.zh.is_empty());
        }
        for right in ["{ design = \"square\" }", "{ page = 1, x = 5, y = 5, width = 30, height = 30, design = \"round\" }", "{}"] {
            let placed = "{ page = -1, x = 48, y = 18, width = 42, height = 42 }";
            let design = parse(&good.replacen(placed, right, 1)).unwrap().steps[0].seal.unwrap();
            assert_eq!(design.place().is_some(), right.contains("page"));
        }
        assert!(parse(&format!("extra = 1\n{good}")).is_err());
        assert!(parse(&"x".repeat(MAX_DEFINITION + 1)).is_err());
    }

    #[test]
    fn template_and_source_must_agree() {
        assert!(check(&TypeFiles { definition: expense(), template: None }).is_err());
        let upload = expense().replacen("database", "file = \"upload\"\ndatabase", 1);
        assert!(check(&TypeFiles { definition: upload.clone(), template: Some("x".into()) }).is_err());
        assert!(check(&TypeFiles { definition: upload, template: None }).is_ok());
    }
}
