//! The console: pages for people, in a browser that keeps a cookie.

mod others;
mod pages;
mod session;
mod settle;
