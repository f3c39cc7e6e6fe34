// Package awssetup makes an AWS account trust an environment: an OIDC provider
// for the issuer, a role that only the environment's subject can assume, and the
// least policy that lets it embed and list models.
//
// One value, desired, says what must be there. A [Plan] compares it with an
// account and closes the gap; [Render] writes the same value as a script, a
// Terraform module, a CloudFormation template or the steps in the console. So
// all ways end in the same provider, trust, permissions and tags.
//
// The room touches only what carries Adit's tags, but for the audience of a
// provider that was there before and for a role that somebody named. It keeps
// no state: what it made is recognised by its tags and names. It knows neither
// tokens nor the exchange, and its AWS credentials are the administrator's own.
package awssetup
