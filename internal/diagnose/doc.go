// Package diagnose walks the path by which a call gets from Adit to a model,
// one step after the other: the issuer's public URL and its certificate, the
// two documents, the clock, a token, its exchange, whether the role refuses
// others, who AWS says we are, which models there are, access to those that are
// enabled, and one real call to each. Of every step it says what it saw,
// whether that is as AWS wants it, and what to do if not.
//
// It changes nothing but the environment's state, which follows from what the
// exchange and the probe found. It does not know how AWS is set up: it names
// the command that does it.
//
// It looks at the public URL from where the server stands. AWS looks from the
// internet, which may see something else; so a URL that cannot be reached from
// here does not keep the later steps from being tried.
package diagnose
