// Package federation turns Adit's tokens into AWS credentials: for every
// environment and caller it has the issuer sign a token, sends it to the
// regional STS endpoint (AssumeRoleWithWebIdentity), and keeps what comes back
// in memory until shortly before its end.
//
// It knows session names and session tags, one flight for all who wait for the
// same session, refreshes in the background, which of AWS's answers are worth
// another try, how to say what an administrator must mend, and how to find out
// whether a role lets foreign subjects in (the negative probe).
//
// It does not know how tokens are signed, where environments are stored, or
// what the credentials are used for. It never uses the AWS SDK's default
// credential chain, and reads no variable of the process: an environment's only
// credentials are those that its own role gave.
package federation
