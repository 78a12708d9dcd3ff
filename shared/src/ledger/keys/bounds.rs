//! What the reads of each access pattern cost at most in one request.
//!
//! A unit is a strongly consistent read of 4 KB, so a figure bounds the bytes as well: 4,096 for each unit. `n` is
//! how many there are of what the third column counts. Tests fill partitions with 12,000 items and hold the
//! figures (`tests/tests/api/bounds`); the last column names the test, or says why none is needed: a read by
//! whole keys (`key`) finds the same items whatever lies beside them, and only operators' commands make the others.
//!
//! | # | most units | what it may grow with | held by |
//! |---|---|---|---|
//! | 1, 5, 6, 7, 17, 18, 39, 40, 41, 73, 101, 102 | 1 | one item | key |
//! | 3 | 4 | one item; with the rules and accounts that an operator gave it, which are a few KB | key |
//! | 15, 25, 28, 74 | 0 | nothing: written, or a condition of a write | key |
//! | 2 | 1 + n/1 | accounts | command |
//! | 4 | 1 + n/4 | credentials that the account ever had | command |
//! | 8 | 1 + n/4 | calls of the range asked for, 100,000 at most, 1,000,000 in call data; with a page size, the page and one row, at least 64 | `a_page_of_calls_reads_little_more_than_its_rows` |
//! | 9 | 9 | a report that was joined 8 times | key |
//! | 10 | 450 | nothing: 16 calls, and 52 around an old moment. 40 reports and 40 entries make 26 KB; a usual call is 1 KB | `twelve_thousand_calls_and_bills_of_a_pair_cost_a_bill_no_more` |
//! | 11 | 3 | nothing: pages of 12, 12 and 16 | `twelve_thousand_live_calls_cost_a_query_three_units_and_hide_nothing` |
//! | 12 | 18 | shards of the account, 16 at most | key |
//! | 13 | 3 | nothing: the owner's item, its starts and the carriers' | `starts_of_other_accounts_hide_no_start_of_the_owner` |
//! | 14 | 3 | nothing: sums, and 24 pieces of feedback of a version without sums | `forty_thousand_pieces_of_feedback_cost_a_lookup_three_units` |
//! | 16 | 60 | nothing: 40 entries of at most 6 KB | `twelve_thousand_calls_and_bills_of_a_pair_cost_a_bill_no_more` |
//! | 19, 21 | 1 + n/8 | numbers that the account has now, for a list; one of them is 1 | `twelve_thousand_settings_of_an_account_cost_each_request_no_more_than_its_figures` |
//! | 20 | 1 + n/8 | properties that the account has now, for a list; one of them is 1 | `twelve_thousand_settings_of_an_account_cost_each_request_no_more_than_its_figures` |
//! | 22 | 1 + n/4 | as 8, and 30 | `a_page_of_calls_reads_little_more_than_its_rows` |
//! | 23 | 1 + n/8 | addresses that the account has now, for a list; one of them is 1 | `twelve_thousand_settings_of_an_account_cost_each_request_no_more_than_its_figures` |
//! | 24 | 1 + n/12 | numbers for sale in the country or place; not those that were sold, nor who bought them | `numbers_that_were_sold_cost_a_search_nothing` |
//! | 26 | 1 + n/8 | call processes that the account has now | command |
//! | 27 | 2 + n/4 | entries that wait for a dialer, 4,000 at most, where those before are taken or of another call process; not those of the past | `finished_entries_cost_a_taker_nothing` |
//! | 29 | n/1 | rows of the page: half a unit each, eventually consistent | key |
//! | 30 | 1 + n/16 | numbers that the account has now, for a list of calls and sums by property, and what an earlier version ended until `callbook migrate` moves it; one call reads 4 of its own number, and 4 ended ones if none lasts, which are 1 each | `twelve_thousand_past_assignments_of_a_number_cost_a_call_one_unit` |
//! | 31 | 1 + n/16 | places of the country whose names begin so, only if nothing is for sale there | `numbers_that_were_sold_cost_a_search_nothing` |
//! | 32 | 1 + n/16 | countries; one of them is 1 | command |
//! | 33 | 5 + n/12 | past assignments of the account that ended within the range asked for, the day before it, or a day longer than they lasted at most behind it: 1, 8, 64 or 512 days; and all that lasted longer and ended since. Not the others of the past | `ten_thousand_past_assignments_cost_a_list_of_a_day_those_around_it` |
//! | 34 | 1 + n/1 | costs of the range asked for, whose sums every list ends with, and 256 that 36 found; usually 0.6 KB each. With rows of 8, the bills of the page that have notes, and the calls whose reports do (10): half a unit for 4 KB of each, 4 at most | `costs_of_other_days_cost_a_list_nothing` |
//! | 35 | 1 + n/4 | adjustments of the range asked for | `costs_of_other_days_cost_a_list_nothing` |
//! | 36 | 32 | nothing: 256 bills, for each caller and vendor of the rows that are shown | `twelve_thousand_calls_and_bills_of_a_pair_cost_a_bill_no_more` |
//! | 37 | 1 + n/4 | adjustments of one cost, or of calls of one pair that began within one call | key |
//! | 38 | 1 + n/4 | refused bills of the range asked for, 10,000 at most | `costs_of_other_days_cost_a_list_nothing` |
//! | 60 | 50 | nothing: a page of 200 vendors and one, of at most 1 KB without many terms | `twelve_thousand_settings_of_an_account_cost_each_request_no_more_than_its_figures` |
//! | 61 | 2 | nothing: 50 periods; a list is an operator's command | `twelve_thousand_settings_of_an_account_cost_each_request_no_more_than_its_figures` |
//! | 70, 71 | 1 + n/2 | DIDs, vendors and dispositions of the days asked for; 8 bytes more for each caller and hour | `costs_of_other_days_cost_a_list_nothing` |
//! | 72 | 1 + n/8 | shards of the stream | key |
//! | 80 | 1 + n/3 | events of the page and one, at least 256 of each shard, of usually 1 KB; not those before the cursor | `twelve_thousand_events_cost_a_poll_no_more_than_its_page` |
//! | 81 | 1 | one item | key |
//! | 82 | 1 + n/16 | costs that have become due since the last hour | `costs_that_are_not_due_cost_the_task_nothing` |
//! | 83 | 0 | nothing: written, and read from the stream | key |
//! | 84 | 1 + n/5 | ways in which requests were refused within the hours of the page, at least 256 and at most 2,304 before the page ends; not those of earlier hours | `twelve_thousand_refused_requests_cost_a_page_no_more_than_its_hours` |
//! | 90 | 20 | nothing: 20 endpoints, each with a URL of at most 2 KB | `twelve_thousand_deliveries_cost_a_deliverer_no_more_than_its_page` |
//! | 91 | 1 | one item | key |
//! | 92 | 1 + n/1 | deliveries of the page, usually 3 KB each; one by its id is as large as its event | `twelve_thousand_deliveries_cost_a_deliverer_no_more_than_its_page` |
//! | 93 | 10 | nothing: a page of 100, and 20 of a line | `twelve_thousand_deliveries_cost_a_deliverer_no_more_than_its_page` |
//! | 94 | 16 + n/16 | endpoints of all accounts, once a minute; one of them is 1 | command |
//! | 100 | 1 + n/8 | erasures that the account ever had | command |
//! | 103 | 1 + n/8 | retentions that were ever applied to the account | command |
//!
//! What grows is the account's own, and of those that it asks for: it has so many numbers now, or there were so
//! many calls on these days. One grows with its past: its operator's list of credentials counts revoked ones (4). A
//! list of calls reads past assignments of its own range alone, and few around it (33): an account that had 50 numbers
//! for 30 days each, for ten years, and another one 12,000 times for half an hour, pays
//! at most 26 units for a day's list of calls.
