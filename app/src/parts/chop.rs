//! A person's name as a square chop: the only ornament. The words beside it carry the meaning.

use leptos::prelude::*;

/// The chop of `name`. Chinese names fill two columns from the right, others show initials.
#[component]
pub fn Chop(#[prop(into)] name: String) -> impl IntoView {
    let text = characters(&name);
    let class = if text.chars().all(is_chinese) { "chop" } else { "chop latin" };
    view! { <span class=class aria-hidden="true"><span>{text}</span></span> }
}

fn characters(name: &str) -> String {
    let chinese: String = name.chars().filter(|c| is_chinese(*c)).collect();
    match chinese.chars().count() {
        0 => name.split([' ', '.', '-', '_']).filter_map(|word| word.chars().next()).flat_map(char::to_uppercase).take(2).collect(),
        1..=2 => chinese + "之印",
        3 => chinese + "印",
        _ => chinese.chars().take(4).collect(),
    }
}

fn is_chinese(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{2fa1f}')
}

#[cfg(test)]
mod tests {
    use super::characters;

    #[test]
    fn names_fill_a_chop() {
        assert_eq!(characters("王建国"), "王建国印");
        assert_eq!(characters("陈静"), "陈静之印");
        assert_eq!(characters("欧阳娜娜"), "欧阳娜娜");
        assert_eq!(characters("Wang Jianguo 王建国"), "王建国印");
        assert_eq!(characters("Li Na"), "LN");
        assert_eq!(characters(""), "");
    }
}
