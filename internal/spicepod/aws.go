package spicepod

import (
	"slices"
	"strconv"

	"github.com/adit-hq/adit/internal/model"
	"github.com/adit-hq/adit/internal/secret"
)

// awsDef is one parameter that every bedrock entry may have: what the document
// on the Amazon Bedrock model provider calls AWS parameters, and Adit's own.
type awsDef struct {
	name, fallback, doc string
	// values are all that is allowed; empty means that check decides.
	values []string
	// min and max bound a whole number; max 0 means that it is none.
	min, max int
	// check returns what is wrong with a value, without quoting it, or "".
	check func(text string) string
	// set takes a checked value.
	set func(a *AWS, text string)
}

const defaultRegion = "us-east-1"

// The limits of a model that names none.
const (
	DefaultPerMinute  = 1500
	DefaultConcurrent = 40
)

func awsParams() []awsDef {
	return []awsDef{
		{name: "aws_region", fallback: defaultRegion, doc: "AWS region to call.", check: checkRegion,
			set: func(a *AWS, v string) { a.Region, a.RegionSet = v, true }},
		{name: "aws_profile", doc: "Profile of the shared AWS files to take credentials from; no other source is tried.", check: checkPrintable,
			set: func(a *AWS, v string) { a.Profile = v }},
		{name: "aws_access_key_id", doc: "Access key. Needs aws_secret_access_key.", check: checkToken,
			set: func(a *AWS, v string) { a.AccessKeyID = secret.New(v) }},
		{name: "aws_secret_access_key", doc: "Secret key. Needs aws_access_key_id.", check: checkToken,
			set: func(a *AWS, v string) { a.SecretAccessKey = secret.New(v) }},
		{name: "aws_session_token", doc: "Session token of temporary keys. Needs both keys.", check: checkToken,
			set: func(a *AWS, v string) { a.SessionToken = secret.New(v) }},
		{name: "max_concurrent_invocations", fallback: strconv.Itoa(DefaultConcurrent), doc: "Maximum concurrent calls.", min: 1, max: 10_000,
			set: func(a *AWS, v string) { a.MaxConcurrent, _ = strconv.Atoi(v) }},
		{name: "requests_per_min_limit", fallback: strconv.Itoa(DefaultPerMinute), doc: "Maximum calls in any 60 seconds.", min: 1, max: 10_000_000,
			set: func(a *AWS, v string) { a.PerMinute, _ = strconv.Atoi(v) }},
		{name: "aws_iam_role_source", fallback: "auto", values: []string{"auto", "env", "metadata"},
			doc: "Where credentials come from when the entry names none: the whole chain, the environment only, or web identity, ECS and EC2 metadata only.",
			set: func(a *AWS, v string) { a.RoleSource = v }},
		{name: "aws_endpoint_url", doc: "Endpoint to call instead of AWS's, http or https.", check: checkURL,
			set: func(a *AWS, v string) { a.EndpointURL = v }},
		{name: "environment", doc: "Environment whose role signs the calls, by name or id; its region is used. Needs a server with organizations, see `adit env`.", check: checkPrintable,
			set: func(a *AWS, v string) { a.Environment = v }},
		{name: "model_family", doc: "Family of the model behind an ARN that does not show it.", values: familyNames(),
			set: func(*AWS, string) {}},
	}
}

func familyNames() []string {
	var names []string
	for _, f := range model.Families() {
		names = append(names, f.Name)
	}
	return names
}

func awsParam(name string) (awsDef, bool) {
	for _, d := range awsParams() {
		if d.name == name {
			return d, true
		}
	}
	return awsDef{}, false
}

// aws takes the AWS parameters out of an entry's, checks them one by one and together.
func (r *reader) aws(params []param) AWS {
	var a AWS
	for _, d := range awsParams() {
		if d.fallback != "" {
			d.set(&a, d.fallback)
		}
	}
	a.RegionSet = false
	for _, p := range params {
		// model_family is checked where the family is found, which knows what the id tells.
		d, ok := awsParam(p.name)
		if ok && !p.unknown && p.name != "model_family" && r.awsValue(d, p) {
			d.set(&a, p.text)
		}
	}
	r.keysTogether(params)
	r.environmentAlone(params)
	return a
}

func (r *reader) awsValue(d awsDef, p param) bool {
	switch {
	case d.max > 0:
		n, err := strconv.Atoi(p.text)
		if err == nil && n >= d.min && n <= d.max {
			return true
		}
		r.fault(p.at, "%s cannot be %s", p.name, p.quote()).Allowed = []string{"whole numbers from " + strconv.Itoa(d.min) + " to " + strconv.Itoa(d.max)}
	case len(d.values) > 0:
		if slices.Contains(d.values, p.text) {
			return true
		}
		f := r.fault(p.at, "%s cannot be %s", p.name, p.quote())
		f.Allowed = d.values
		if !p.fromSecret {
			f.DidYouMean = nearest(p.text, d.values)
		}
	default:
		wrong := d.check(p.text)
		if wrong == "" {
			return true
		}
		f := r.fault(p.at, "%s %s", p.name, wrong)
		if p.name == "aws_region" && !p.fromSecret {
			f.DidYouMean = nearest(p.text, regions[:])
		}
	}
	return false
}

// keysTogether checks the credentials as a whole.
func (r *reader) keysTogether(params []param) {
	id, key := find(params, "aws_access_key_id"), find(params, "aws_secret_access_key")
	token, profile := find(params, "aws_session_token"), find(params, "aws_profile")
	switch {
	case slices.ContainsFunc(params, isNearlyAKey):
		// Its own fault says so; what seems to be missing is there.
	case id != nil && key == nil:
		r.fault(id.key, "aws_access_key_id is given without aws_secret_access_key").remedy("Add aws_secret_access_key: ${ secrets:AWS_SECRET_ACCESS_KEY }, or omit both.")
	case id == nil && key != nil:
		r.fault(key.key, "aws_secret_access_key is given without aws_access_key_id").remedy("Add aws_access_key_id: ${ secrets:AWS_ACCESS_KEY_ID }, or omit both.")
	case token != nil && id == nil:
		r.fault(token.key, "aws_session_token is given without its keys").remedy("Add aws_access_key_id and aws_secret_access_key, or omit it.")
	}
	if profile != nil && (id != nil || key != nil || token != nil) {
		r.fault(profile.key, "aws_profile and AWS keys are both given, and only one can be used").remedy("Keep either the profile or the keys.")
	}
}

// environmentAlone refuses what an environment tells itself: an environment's
// calls are signed by its role and nothing else.
func (r *reader) environmentAlone(params []param) {
	environment := find(params, "environment")
	if environment == nil {
		return
	}
	for _, name := range besidesEnvironment() {
		if p := find(params, name); p != nil {
			r.fault(p.key, "%s and environment are both given, but the environment defines region and role", name).remedy("Keep only one of them.")
		}
	}
}

// besidesEnvironment are the parameters that an environment excludes.
func besidesEnvironment() []string {
	return []string{"aws_region", "aws_profile", "aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_iam_role_source"}
}

// isNearlyAKey reports whether a parameter has the misspelt name of an AWS key.
func isNearlyAKey(p param) bool {
	return !slices.Contains(allParams(), p.name) && nearest(p.name, secretParams[:]) != ""
}

// region settles the region of a model. An ARN belongs to one; aws_region must not name another.
func (r *reader) region(m *Model, from *node, params []param) {
	arn, ok := m.ID.ARN()
	if !ok || arn.Region == "" {
		return
	}
	p := find(params, "aws_region")
	switch {
	case p == nil:
		m.AWS.Region, m.AWS.RegionSet = arn.Region, true
	case !p.unknown && m.AWS.RegionSet && m.AWS.Region != arn.Region:
		other := arn.Region
		if r.quietly(from).fromSecret {
			other = "another region"
		}
		f := r.fault(p.at, "aws_region cannot be %s: the model's ARN is in %s", p.quote(), other)
		f.remedy("Omit aws_region: the ARN contains the region. Or use the model's ARN in the region you want.")
	}
}
