//! The console: pages for people, in a browser that keeps a cookie.

mod pages;
mod session;
mod settle;
