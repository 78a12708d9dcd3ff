//! Metric filters of the access log, as `template.yaml` writes them: comparisons with texts, joined by `&&` and `||`.

use serde_json::Value;

/// A metric filter.
pub struct Filter {
    pattern: String,
    /// The namespace and the name of the metric that it counts in.
    pub metric: (String, String),
    /// The names of the metric's dimensions, and the fields that they are taken from.
    pub dimensions: Vec<(String, String)>,
}

impl Filter {
    /// Reads the properties of a filter.
    pub fn read(properties: &Value) -> Self {
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let counted = &properties["MetricTransformations"][0];
        assert_eq!(counted["MetricValue"], "1");
        let dimensions = counted["Dimensions"].as_array().unwrap().iter();
        let dimensions = dimensions.map(|one| (text(&one["Key"]), field(&text(&one["Value"]))));
        Self {
            pattern: text(&properties["FilterPattern"]),
            metric: (
                text(&counted["MetricNamespace"]),
                text(&counted["MetricName"]),
            ),
            dimensions: dimensions.collect(),
        }
    }

    /// Whether a line of the log counts.
    pub fn matches(&self, line: &Value) -> bool {
        let inside = self.pattern.trim();
        let inside = inside.strip_prefix('{').unwrap().strip_suffix('}').unwrap();
        let mut words = Words(words(inside), 0);
        let matches = words.any(line);
        assert_eq!(words.1, words.0.len(), "{} is not read whole", self.pattern);
        matches
    }
}

/// `field` of `$.field`.
fn field(path: &str) -> String {
    path.strip_prefix("$.").expect("a field").to_owned()
}

/// Splits a pattern into parentheses, operators, fields and texts. A text keeps its first quote.
fn words(pattern: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in pattern.chars() {
        match character {
            '"' => {
                quoted = !quoted;
                if quoted {
                    words.last_mut().unwrap().push(character);
                }
            }
            _ if quoted => words.last_mut().unwrap().push(character),
            '(' | ')' => words.extend([character.to_string(), String::new()]),
            ' ' => words.push(String::new()),
            _ => words.last_mut().unwrap().push(character),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The words of a pattern, and the place of the next.
struct Words(Vec<String>, usize);

impl Words {
    fn take(&mut self, word: &str) -> bool {
        let found = self.0.get(self.1).is_some_and(|next| next == word);
        self.1 += usize::from(found);
        found
    }

    fn next(&mut self) -> String {
        self.1 += 1;
        self.0[self.1 - 1].clone()
    }

    fn any(&mut self, line: &Value) -> bool {
        let mut matches = self.all(line);
        while self.take("||") {
            matches |= self.all(line);
        }
        matches
    }

    fn all(&mut self, line: &Value) -> bool {
        let mut matches = self.one(line);
        while self.take("&&") {
            matches &= self.one(line);
        }
        matches
    }

    fn one(&mut self, line: &Value) -> bool {
        if self.take("(") {
            let matches = self.any(line);
            assert!(self.take(")"));
            return matches;
        }
        let (field, operator, text) = (field(&self.next()), self.next(), self.next());
        let text = text.strip_prefix('"').expect("a text in quotes");
        let found = line[&field].as_str().expect("a field of the log");
        let equal = match text.strip_suffix('*') {
            Some(beginning) => found.starts_with(beginning),
            None => found == text,
        };
        match operator.as_str() {
            "=" => equal,
            "!=" => !equal,
            other => panic!("{other} is no operator"),
        }
    }
}

#[test]
fn patterns_are_read_as_cloudwatch_does() {
    let matches = |pattern: &str| {
        let filter = Filter {
            pattern: pattern.to_owned(),
            metric: Default::default(),
            dimensions: Vec::new(),
        };
        filter.matches(&serde_json::json!({"status": "429", "error": "a b"}))
    };
    assert!(matches("{ $.status = \"4*\" }"));
    assert!(matches("{ $.status = \"429\" && $.error = \"a b\" }"));
    assert!(!matches("{ $.status = \"429\" && $.error != \"a b\" }"));
    assert!(matches(
        "{ ($.status = \"5*\") || ($.status != \"200\" && $.error = \"a*\") }"
    ));
    assert!(!matches(
        "{ ($.status = \"5*\") && ($.status = \"429\" || $.error = \"-\") }"
    ));
}
