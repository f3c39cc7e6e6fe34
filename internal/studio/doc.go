// Package studio is the web pages of Adit: what people see of their
// organizations, environments, callers and usage, and change of them.
//
// It knows pages, forms, cookies and how things are said to people. It is a client
// of the control API like any other: what a person may do, what is right and
// what is written to the audit is decided there. Who a person is it asks the
// sign-in room.
//
// Every page is drawn here and works without script. The one small script only
// fills in what is slow, and keeps what changes up to date.
package studio
