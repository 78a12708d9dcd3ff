//! Dates of HTTP headers (RFC 9110, section 5.6.7).

use jiff::fmt::rfc2822;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::Offset;

use super::instant::Instant;

impl Instant {
    /// Reads the date of an HTTP header: `Sun, 06 Nov 1994 08:49:37 GMT`, or one of the two obsolete forms.
    #[must_use]
    pub fn parse_http_date(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(zoned) = rfc2822::parse(text) {
            return Some(Self::from_millis(zoned.timestamp().as_millisecond()));
        }
        // asctime, and RFC 850, whose years have two digits.
        let forms = ["%a %b %e %H:%M:%S %Y", "%A, %d-%b-%y %H:%M:%S GMT"];
        let mut read = forms
            .iter()
            .filter_map(|form| BrokenDownTime::parse(form, text).ok()?.to_datetime().ok());
        let moment = Offset::UTC.to_timestamp(read.next()?).ok()?;
        Some(Self::from_millis(moment.as_millisecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_the_specification_is_read() {
        for (text, seconds) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
            (" Sun, 06 Nov 1994 08:49:37 GMT ", Some(784_111_777)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(784_111_777)),
            ("Sun Nov  6 08:49:37 1994", Some(784_111_777)),
            ("Thu, 26 Nov 2026 12:00:00 GMT", Some(1_795_694_400)),
            ("Mon, 06 Nov 1994 08:49:37 GMT", None),
            ("Sun, 31 Feb 1994 08:49:37 GMT", None),
            ("1994-11-06T08:49:37Z", None),
            ("soon", None),
            ("", None),
        ] {
            let read = Instant::parse_http_date(text);
            assert_eq!(read.map(|read| read.seconds()), seconds, "{text}");
        }
    }
}
