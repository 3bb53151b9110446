//! Random files: what is not ours stays byte for byte, whatever is around it.

use proptest::prelude::*;

use super::*;

/// Space and comments between two items.
fn trivia() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => Just(""),
        4 => Just(" "),
        4 => Just("\n  "),
        1 => Just("\r\n\t"),
        1 => Just("\n\n"),
        2 => Just(" // one, [two]\n  "),
        1 => Just("// \"x\" /*\n"),
        2 => Just("/* , // */"),
        1 => Just("/*/ * /\n**/"),
    ];
    proptest::collection::vec(piece, 0..3).prop_map(|pieces| pieces.concat())
}

/// An item, whether it goes, and what stands around it.
fn items() -> impl Strategy<Value = Vec<(bool, String, String)>> {
    proptest::collection::vec((any::<bool>(), trivia(), trivia()), 0..5)
}

/// Writes the items of a list or object, with space and comments around each. `inner` is written where there are no items.
fn inside(items: &[(bool, String, String)], inner: &str, item: impl Fn(usize) -> String) -> String {
    let spelled = items.iter().enumerate();
    let spelled = spelled.map(|(index, (_, before, after))| format!("{before}{}{after}", item(index)));
    let spelled: Vec<String> = spelled.collect();
    match items.is_empty() {
        true => inner.to_owned(),
        false => spelled.join(","),
    }
}

/// The comments of a text without strings that hold any.
fn comments(text: &str) -> Vec<String> {
    let options = CollectOptions { comments: jsonc_parser::CommentCollectionStrategy::Separate, tokens: false };
    let parsed = parse_to_ast(text, &options, &OPTIONS).unwrap();
    let mut comments: Vec<(usize, String)> = Vec::new();
    for comment in parsed.comments.unwrap().values().flat_map(|list| list.iter()) {
        comments.push((comment.start(), comment.text().trim_end().to_owned()));
    }
    comments.sort();
    comments.dedup();
    comments.into_iter().map(|(_, text)| text).collect()
}

/// The elements or member names and values of the file's list or object, as JSON.
fn elements(text: &str) -> Vec<String> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &OPTIONS).unwrap();
    let value = parsed.value.unwrap();
    let inner = value.as_object().unwrap().get("list").unwrap();
    match &inner.value {
        Value::Array(array) => array.elements.iter().map(|element| text[bytes(element)].to_owned()).collect(),
        Value::Object(object) => object.properties.iter().map(|member| text[bytes(member)].to_owned()).collect(),
        _ => panic!("{text}"),
    }
}

proptest! {
    #[test]
    fn a_list_keeps_its_comments_and_what_stays(
        items in items(),
        (before, inner, after) in (trivia(), trivia(), trivia()),
        added in 0..3_usize,
    ) {
        let inside = inside(&items, &inner, |index| index.to_string());
        let text = format!("{{{before}\"list\":[{inside}]{after}}}");
        let file = JsonFile::parse("test.json", text.as_bytes(), Comments::Allowed).unwrap();
        let array = file.array(file.top(), "list").unwrap().unwrap();
        let removed = items.iter().enumerate().filter(|(_, (gone, ..))| *gone);
        let removed: Vec<usize> = removed.map(|(index, _)| index).collect();
        let values = (0..added).map(|n| Json::Text(n.to_string())).collect();
        let start = array.range.start;
        file.replace(array, removed.clone(), values);
        let changed = String::from_utf8(file.finish()).unwrap();
        let kept = (0..items.len()).filter(|index| !removed.contains(index));
        let wanted = kept.map(|index| index.to_string());
        let wanted: Vec<String> = wanted.chain((0..added).map(|n| format!("\"{n}\""))).collect();
        prop_assert_eq!(elements(&changed), wanted, "{}", changed);
        prop_assert_eq!(comments(&changed), comments(&text), "{}", changed);
        prop_assert_eq!(&changed[..start], &text[..start]);
        prop_assert!(changed.ends_with(&format!("]{after}}}")), "{}", changed);
        if removed.is_empty() && added == 0 {
            prop_assert_eq!(changed, text);
        }
    }

    #[test]
    fn an_object_keeps_all_that_it_has(
        items in items(),
        (before, inner, after) in (trivia(), trivia(), trivia()),
    ) {
        let inside = inside(&items, &inner, |index| format!("\"{index}\":{index}"));
        let text = format!("{{{before}\"list\":{{{inside}}}{after}}}");
        let file = JsonFile::parse("test.json", text.as_bytes(), Comments::Allowed).unwrap();
        let object = file.object(file.top(), "list").unwrap().unwrap();
        file.add_member(object, "a", "b".into());
        file.add_member(object, "c", Json::List(vec!["d".into()]));
        let changed = String::from_utf8(file.finish()).unwrap();
        let found: Vec<String> = elements(&changed)
            .iter()
            .map(|member| member.split_whitespace().collect())
            .collect();
        let wanted = (0..items.len()).map(|index| format!("\"{index}\":{index}"));
        let wanted: Vec<String> = wanted
            .chain(["\"a\":\"b\"".to_owned(), "\"c\":[\"d\"]".to_owned()])
            .collect();
        prop_assert_eq!(found, wanted, "{}", changed);
        prop_assert_eq!(comments(&changed), comments(&text), "{}", changed);
        prop_assert!(changed.ends_with(&format!("}}{after}}}")), "{}", changed);
    }
}

/// A file, the elements of its list that go, and the file when `"v"` has come.
const LAYOUTS: &[(&str, &[usize], &str)] = &[
    ("{\"list\":[]}", &[], "{\"list\":[\"v\"]}"),
    ("{\n  \"list\": []\n}", &[], "{\n  \"list\": [\n    \"v\"\n  ]\n}"),
    ("{\n  \"list\": [\n    1\n  ]\n}", &[], "{\n  \"list\": [\n    1,\n    \"v\"\n  ]\n}"),
    ("{\n  \"list\": [\n    1\n  ]\n}", &[0], "{\n  \"list\": [\n    \"v\"\n  ]\n}"),
    ("{\n\t\"list\": [\n\t\t1, // one\n\t\t2\n\t]\n}", &[1], "{\n\t\"list\": [\n\t\t1, // one\n\t\t\"v\"\n\t]\n}"),
    (
        "{\n  \"list\": [\n    1,\n    2, // two\n    3 // three\n  ]\n}",
        &[0, 1],
        "{\n  \"list\": [\n    // two\n    3, // three\n    \"v\"\n  ]\n}",
    ),
    ("{\"list\": [ 1, 2 ]}", &[0], "{\"list\": [ 2, \"v\" ]}"),
    ("{\"list\": [ 1 ]}", &[0], "{\"list\": [ \"v\" ]}"),
];

#[test]
fn what_comes_is_written_like_what_stands_there() {
    for (text, removed, wanted) in LAYOUTS {
        let file = JsonFile::parse("test.json", text.as_bytes(), Comments::Allowed).unwrap();
        let array = file.array(file.top(), "list").unwrap().unwrap();
        file.replace(array, removed.to_vec(), vec!["v".into()]);
        let changed = String::from_utf8(file.finish()).unwrap();
        assert_eq!(&changed, wanted, "{text}");
    }
}
