//! How an HTTP API chooses a route: the most specific one that matches, else `$default`.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use http::Method;

/// One route and the function behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    key: String,
    pattern: Option<Pattern>,
    function: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    /// `None` is `ANY`.
    method: Option<Method>,
    segments: Vec<Segment>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Exact(String),
    Variable(String),
    Greedy(String),
}

/// What a request found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// The route key, such as `POST /a/{b}` or `$default`.
    pub route_key: String,
    /// The name of the function's package.
    pub function: String,
    /// The path parameters, decoded.
    pub path_parameters: BTreeMap<String, String>,
}

/// The routes of one API.
#[derive(Clone, Debug)]
pub struct Routes(Vec<Route>);

impl Route {
    /// A route of a method (`ANY` is every method) and a path with `{variable}` segments, the last of
    /// which may be greedy: `{proxy+}`.
    ///
    /// # Errors
    /// The path does not start with a slash, the method is none, or a greedy segment is not the last.
    pub fn new(method: &str, path: &str, function: &str) -> Result<Self> {
        let method = method.to_ascii_uppercase();
        ensure!(
            path.starts_with('/'),
            "the path {path} does not start with a slash"
        );
        let segments: Vec<Segment> = segments(path).map(Segment::of).collect();
        let greedy = segments
            .iter()
            .position(|segment| matches!(segment, Segment::Greedy(_)));
        ensure!(
            greedy.is_none_or(|at| at + 1 == segments.len()),
            "a greedy segment of {path} is not its last"
        );
        let key = format!("{method} {path}");
        let method = match method.as_str() {
            "ANY" => None,
            other => Some(Method::from_bytes(other.as_bytes())?),
        };
        let pattern = Some(Pattern { method, segments });
        Ok(Self {
            key,
            pattern,
            function: function.to_owned(),
        })
    }

    /// The route of everything that no other route takes.
    #[must_use]
    pub fn default(function: &str) -> Self {
        Self {
            key: "$default".to_owned(),
            pattern: None,
            function: function.to_owned(),
        }
    }

    /// As the gateway writes it, such as `POST /a/{b}` or `$default`.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The name of the function's package.
    #[must_use]
    pub fn function(&self) -> &str {
        &self.function
    }

    fn matches(&self, method: &Method, path: &str) -> Option<Match> {
        let path_parameters = match &self.pattern {
            None => BTreeMap::new(),
            Some(Pattern {
                method: wanted,
                segments,
            }) => {
                if wanted.as_ref().is_some_and(|wanted| wanted != method) {
                    return None;
                }
                parameters(segments, path)?
            }
        };
        Some(Match {
            route_key: self.key.clone(),
            function: self.function.clone(),
            path_parameters,
        })
    }
}

impl Segment {
    fn of(text: &str) -> Self {
        match text
            .strip_prefix('{')
            .and_then(|text| text.strip_suffix('}'))
        {
            None => Self::Exact(text.to_owned()),
            Some(name) => match name.strip_suffix('+') {
                None => Self::Variable(name.to_owned()),
                Some(name) => Self::Greedy(name.to_owned()),
            },
        }
    }
}

impl Segment {
    fn rank(&self) -> u8 {
        match self {
            Self::Exact(_) => 0,
            Self::Variable(_) => 1,
            Self::Greedy(_) => 2,
        }
    }
}

impl Routes {
    /// The routes, in any order.
    #[must_use]
    pub fn new(mut routes: Vec<Route>) -> Self {
        // The first match is then the one that the gateway takes.
        routes.sort_by_key(rank);
        Self(routes)
    }

    /// Every route, the most specific one first.
    pub fn iter(&self) -> impl Iterator<Item = &Route> {
        self.0.iter()
    }

    /// The route of a method and a decoded path; `None` when there is no `$default` either.
    #[must_use]
    pub fn find(&self, method: &Method, path: &str) -> Option<Match> {
        self.0.iter().find_map(|route| route.matches(method, path))
    }
}

/// `$default` last, greedy routes before it; among equals the exact segments first, and a method before
/// `ANY`.
fn rank(route: &Route) -> (bool, bool, Vec<u8>, bool) {
    match &route.pattern {
        None => (true, true, Vec::new(), true),
        Some(Pattern { method, segments }) => {
            let kinds: Vec<u8> = segments.iter().map(Segment::rank).collect();
            (false, kinds.last() == Some(&2), kinds, method.is_none())
        }
    }
}

/// A trailing slash counts: it makes an empty last segment.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.strip_prefix('/').unwrap_or(path).split('/')
}

fn parameters(pattern: &[Segment], path: &str) -> Option<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let mut rest = Some(path.strip_prefix('/').unwrap_or(path));
    for segment in pattern {
        let text = rest?;
        let (head, tail) = match text.split_once('/') {
            Some((head, tail)) => (head, Some(tail)),
            None => (text, None),
        };
        match segment {
            Segment::Exact(wanted) if wanted == head => rest = tail,
            Segment::Variable(name) if !head.is_empty() => {
                found.insert(name.clone(), head.to_owned());
                rest = tail;
            }
            Segment::Greedy(name) if !text.is_empty() => {
                found.insert(name.clone(), text.to_owned());
                rest = None;
            }
            _ => return None,
        }
    }
    rest.is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes() -> Routes {
        Routes::new(vec![
            Route::default("fallback"),
            Route::new("POST", "/a/{proxy+}", "greedy").unwrap(),
            Route::new("post", "/a/{x}/{y}", "two").unwrap(),
            Route::new("POST", "/a/{x}", "one").unwrap(),
            Route::new("POST", "/a/exact", "exact").unwrap(),
            Route::new("POST", "/a/", "slash").unwrap(),
            Route::new("POST", "/a", "bare").unwrap(),
            Route::new("ANY", "/b", "any").unwrap(),
            Route::new("GET", "/b", "get").unwrap(),
        ])
    }

    #[test]
    fn the_most_specific_route_wins_and_slashes_count() {
        for (method, path, function) in [
            ("POST", "/a", "bare"),
            ("POST", "/a/", "slash"),
            ("POST", "/a/exact", "exact"),
            ("POST", "/a/other", "one"),
            ("POST", "/a/other/", "greedy"),
            ("POST", "/a//", "greedy"),
            ("POST", "/a/1/2", "two"),
            ("POST", "/a/1/2/", "greedy"),
            ("POST", "/a/1/2/3", "greedy"),
            ("POST", "//a", "fallback"),
            ("POST", "/", "fallback"),
            ("GET", "/a", "fallback"),
            ("GET", "/b", "get"),
            ("HEAD", "/b", "any"),
            ("OPTIONS", "*", "fallback"),
        ] {
            let method: Method = method.parse().unwrap();
            let found = routes().find(&method, path).unwrap();
            assert_eq!(found.function, function, "{method} {path}");
        }
    }

    #[test]
    fn parameters_are_those_of_the_route() {
        let two = routes().find(&Method::POST, "/a/+1 206/x").unwrap();
        assert_eq!(two.route_key, "POST /a/{x}/{y}");
        assert_eq!(two.path_parameters["x"], "+1 206");
        assert_eq!(two.path_parameters["y"], "x");
        let greedy = routes().find(&Method::POST, "/a/1/2/3/").unwrap();
        assert_eq!(greedy.path_parameters["proxy"], "1/2/3/");
    }

    #[test]
    fn a_route_that_no_gateway_takes_is_refused() {
        assert!(Route::new("POST", "a", "f").is_err());
        assert!(Route::new("POST", "/{a+}/b", "f").is_err());
        assert!(Route::new("P ST", "/a", "f").is_err());
    }
}
