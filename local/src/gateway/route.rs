//! Route selection as an HTTP API does it: the most specific match wins, then `$default`.

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
    /// `None` for `ANY`.
    method: Option<Method>,
    segments: Vec<Segment>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Exact(String),
    Variable(String),
    Greedy(String),
}

/// The route that a request matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteMatch {
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
    /// Creates a route of a method and a path.
    ///
    /// The method `ANY` matches every method. The path may have `{variable}` segments, and its last segment
    /// may be greedy: `{proxy+}`.
    ///
    /// # Errors
    /// Returns an error if the method is not valid, the path does not start with a slash, or a greedy segment
    /// is not the last one.
    pub fn new(method: &str, path: &str, function: &str) -> Result<Self> {
        let method = method.to_ascii_uppercase();
        ensure!(
            path.starts_with('/'),
            "the path of a route must start with a slash: {path}"
        );
        let segments: Vec<Segment> = segments(path).map(Segment::of).collect();
        let greedy = segments
            .iter()
            .position(|segment| matches!(segment, Segment::Greedy(_)));
        ensure!(
            greedy.is_none_or(|at| at + 1 == segments.len()),
            "a greedy segment must be the last one of its path: {path}"
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

    /// Creates the `$default` route, which takes every request that no other route matches.
    #[must_use]
    pub fn default(function: &str) -> Self {
        Self {
            key: "$default".to_owned(),
            pattern: None,
            function: function.to_owned(),
        }
    }

    /// The route key, such as `POST /a/{b}` or `$default`.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The name of the function's package.
    #[must_use]
    pub fn function(&self) -> &str {
        &self.function
    }

    fn matches(&self, method: &Method, path: &str) -> Option<RouteMatch> {
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
        Some(RouteMatch {
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
    /// Creates the routes of an API, given in any order.
    #[must_use]
    pub fn new(mut routes: Vec<Route>) -> Self {
        // The most specific route comes first, so the first match is the right one.
        routes.sort_by_key(rank);
        Self(routes)
    }

    /// Iterates over the routes, the most specific one first.
    pub fn iter(&self) -> impl Iterator<Item = &Route> {
        self.0.iter()
    }

    /// Finds the route for a method and a decoded path; `None` if nothing matches and `$default` is missing.
    #[must_use]
    pub fn find(&self, method: &Method, path: &str) -> Option<RouteMatch> {
        self.0.iter().find_map(|route| route.matches(method, path))
    }
}

/// Sort key of a route: exact segments before variables before greedy ones, and a method before `ANY`.
///
/// Greedy routes come after all others, and `$default` comes last.
fn rank(route: &Route) -> (bool, bool, Vec<u8>, bool) {
    match &route.pattern {
        None => (true, true, Vec::new(), true),
        Some(Pattern { method, segments }) => {
            let kinds: Vec<u8> = segments.iter().map(Segment::rank).collect();
            (false, kinds.last() == Some(&2), kinds, method.is_none())
        }
    }
}

/// Splits a path into segments. A trailing slash counts: it adds an empty last segment.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.strip_prefix('/').unwrap_or(path).split('/')
}

/// Matches a path against a pattern and returns the path parameters.
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
    fn path_parameters_are_named_by_the_route() {
        let two = routes().find(&Method::POST, "/a/+1 206/x").unwrap();
        assert_eq!(two.route_key, "POST /a/{x}/{y}");
        assert_eq!(two.path_parameters["x"], "+1 206");
        assert_eq!(two.path_parameters["y"], "x");
        let greedy = routes().find(&Method::POST, "/a/1/2/3/").unwrap();
        assert_eq!(greedy.path_parameters["proxy"], "1/2/3/");
    }

    #[test]
    fn an_invalid_route_is_an_error() {
        assert!(Route::new("POST", "a", "f").is_err());
        assert!(Route::new("POST", "/{a+}/b", "f").is_err());
        assert!(Route::new("P ST", "/a", "f").is_err());
    }
}
