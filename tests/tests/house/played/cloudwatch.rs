//! What CloudWatch makes of log lines and metrics: datapoints, and alarms that compare them.
//!
//! An alarm is looked at once a minute, with periods that end at that minute, and once an hour if its period is an
//! hour or more. It takes one to three minutes more in AWS until metrics have arrived. Where data are missing, AWS
//! may look at a somewhat longer range, and then fires rather earlier.

use std::collections::BTreeMap;

use serde_json::Value;

use super::filter::Filter;

/// A minute in milliseconds.
pub const MINUTE: i64 = 60_000;

/// A metric: its namespace, its name, and its dimensions by name.
type Metric = (String, String, BTreeMap<String, String>);

/// Everything that was measured.
pub struct Metrics {
    points: BTreeMap<Metric, Vec<(i64, f64)>>,
    filters: Vec<Filter>,
}

impl Metrics {
    pub fn new(filters: Vec<Filter>) -> Self {
        let points = BTreeMap::new();
        Self { points, filters }
    }

    pub fn put(
        &mut self,
        at: i64,
        (namespace, name): (&str, &str),
        of: &[(&str, &str)],
        value: f64,
    ) {
        let text = |text: &str| text.to_owned();
        let dimensions = of.iter().map(|(name, value)| (text(name), text(value)));
        let metric = (text(namespace), text(name), dimensions.collect());
        self.points.entry(metric).or_default().push((at, value));
    }

    /// Takes the metrics that a line of a function declares.
    pub fn line(&mut self, line: &Value) {
        let at = line["_aws"]["Timestamp"].as_i64().expect("a time");
        for part in line["_aws"]["CloudWatchMetrics"].as_array().unwrap() {
            for names in part["Dimensions"].as_array().unwrap() {
                let names = names.as_array().unwrap().iter();
                let names = names.map(|name| name.as_str().unwrap());
                let of: Vec<_> = names
                    .map(|name| (name, line[name].as_str().unwrap()))
                    .collect();
                for metric in part["Metrics"].as_array().unwrap() {
                    let name = metric["Name"].as_str().unwrap();
                    let value = line[name].as_f64().expect("a number");
                    self.put(at, (part["Namespace"].as_str().unwrap(), name), &of, value);
                }
            }
        }
    }

    /// Counts a line of the access log in every filter that it matches.
    pub fn access(&mut self, at: i64, line: &Value) {
        let filters = std::mem::take(&mut self.filters);
        for filter in filters.iter().filter(|filter| filter.matches(line)) {
            let of = filter.dimensions.iter();
            let of: Vec<_> = of
                .map(|(name, field)| (name.as_str(), line[field].as_str().unwrap()))
                .collect();
            self.put(at, (&filter.metric.0, &filter.metric.1), &of, 1.0);
        }
        self.filters = filters;
    }

    fn within(&self, metric: &Metric, from: i64, to: i64) -> Vec<f64> {
        let points = self.points.get(metric).into_iter().flatten();
        points
            .filter(|(at, _)| (from..to).contains(at))
            .map(|(_, value)| *value)
            .collect()
    }
}

/// An alarm of the template.
pub struct Alarm {
    pub name: String,
    /// The metrics whose sum is compared; usually one.
    metrics: Vec<Metric>,
    statistic: String,
    period: i64,
    evaluated: i64,
    to_alarm: usize,
    threshold: f64,
    below: bool,
    missing_breaches: bool,
}

impl Alarm {
    /// Reads an alarm. A reference is the name that it refers to, or the value of `parameters`.
    pub fn read(name: &str, properties: &Value, parameters: &BTreeMap<&str, i64>) -> Self {
        let number = |value: &Value| match value.as_str() {
            Some(parameter) => parameters[parameter],
            None => value.as_i64().unwrap(),
        };
        let (metrics, statistic, period) = match properties["Metrics"].as_array() {
            None => {
                let statistic = &properties["Statistic"];
                let statistic = statistic
                    .as_str()
                    .or(properties["ExtendedStatistic"].as_str());
                let period = number(&properties["Period"]);
                (vec![metric(properties)], statistic.unwrap(), period)
            }
            Some(parts) => {
                assert_eq!(parts[0]["Expression"], "SUM(METRICS())", "{name}");
                let parts = parts[1..].iter().map(|part| &part["MetricStat"]);
                let metrics = parts.clone().map(|part| metric(&part["Metric"]));
                let first = parts.clone().next().unwrap();
                (
                    metrics.collect(),
                    first["Stat"].as_str().unwrap(),
                    number(&first["Period"]),
                )
            }
        };
        let evaluated = number(&properties["EvaluationPeriods"]);
        let to_alarm = properties["DatapointsToAlarm"]
            .as_i64()
            .unwrap_or(evaluated);
        Self {
            name: name.to_owned(),
            metrics,
            statistic: statistic.to_owned(),
            period: period * 1_000,
            evaluated,
            to_alarm: usize::try_from(to_alarm).unwrap(),
            threshold: properties["Threshold"].as_f64().unwrap(),
            below: match properties["ComparisonOperator"].as_str().unwrap() {
                "GreaterThanThreshold" => false,
                "LessThanThreshold" => true,
                other => panic!("{name}: {other}"),
            },
            missing_breaches: match properties["TreatMissingData"].as_str().unwrap() {
                "notBreaching" => false,
                "breaching" => true,
                other => panic!("{name}: {other}"),
            },
        }
    }

    /// Whether the alarm fires at the end of the minute before `now`.
    pub fn fires(&self, metrics: &Metrics, now: i64) -> bool {
        if self.period >= 60 * MINUTE && now % (60 * MINUTE) != 0 {
            return false;
        }
        let breaching = (0..self.evaluated).filter(|back| {
            let to = now - back * self.period;
            let point = self.point(metrics, to - self.period, to);
            point.map_or(self.missing_breaches, |point| match self.below {
                true => point < self.threshold,
                false => point > self.threshold,
            })
        });
        breaching.count() >= self.to_alarm
    }

    fn point(&self, metrics: &Metrics, from: i64, to: i64) -> Option<f64> {
        let points = self.metrics.iter().filter_map(|metric| {
            let values = metrics.within(metric, from, to);
            statistic(&self.statistic, values)
        });
        points.reduce(std::ops::Add::add)
    }
}

fn metric(properties: &Value) -> Metric {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let dimensions = properties["Dimensions"].as_array().unwrap().iter();
    let dimensions = dimensions.map(|one| {
        let value = match &one["Value"] {
            // Of `!If [condition, yes, no]` what holds by default.
            Value::Array(parts) => text(&parts[1]),
            value => text(value),
        };
        (text(&one["Name"]), value.replace("AWS::StackName", "acme"))
    });
    let (namespace, name) = (&properties["Namespace"], &properties["MetricName"]);
    (text(namespace), text(name), dimensions.collect())
}

#[expect(clippy::float_arithmetic, reason = "measurements")]
fn statistic(name: &str, mut values: Vec<f64>) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let sum: f64 = values.iter().sum();
    let count = values.len() as f64;
    values.sort_by(f64::total_cmp);
    Some(match name {
        "Sum" => sum,
        "Average" => sum / count,
        "Maximum" => *values.last()?,
        percentile => {
            let share: f64 = percentile.strip_prefix('p').unwrap().parse().unwrap();
            values[((share / 100.0 * count).ceil() as usize).max(1) - 1]
        }
    })
}
