package awssetup

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ident"
)

// What IAM takes (IAM API reference, CreateRole, CreateOpenIDConnectProvider,
// Tag), narrowed where a wider value could mean something else in a policy: a
// star, a question mark or ${ in a condition is no letter.
var (
	issuerPattern     = regexp.MustCompile(`^https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*$`)
	audiencePattern   = regexp.MustCompile(`^[A-Za-z0-9._:/@=+-]{1,255}$`)
	regionPattern     = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
	namePattern       = regexp.MustCompile(`^[a-z0-9-]{1,63}$`)
	roleNamePattern   = regexp.MustCompile(`^[A-Za-z0-9_+=,.@-]{1,64}$`)
	pathPattern       = regexp.MustCompile(`^/([!-~]{1,510}/)?$`)
	boundaryPattern   = regexp.MustCompile(`^arn:aws(-cn|-us-gov)?:iam::([0-9]{12}|aws):policy/[!-~]{1,1000}$`)
	accountPattern    = regexp.MustCompile(`^[0-9]{12}$`)
	thumbprintPattern = regexp.MustCompile(`^[0-9a-fA-F]{40}$`)
	tagPattern        = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+@-]*$`)
)

const (
	hour       = time.Hour
	maxSession = 12 * time.Hour
	minSession = 15 * time.Minute
	mostTags   = 50 // IAM's limit for a role
	reserved   = "adit:"
)

// faults gathers everything that is wrong with an input.
type faults []error

func (fs *faults) add(param, format string, args ...any) *fault.Error {
	f := fault.New(fault.Config, format, args...).WithParam(param).WithCode("setup_input")
	*fs = append(*fs, f)
	return f
}

func (fs *faults) err() error { return errors.Join(*fs...) }

// check returns everything that is wrong with the facts.
func (f Facts) check() faults {
	var fs faults
	if len(f.Issuer) > 255 || !issuerPattern.MatchString(f.Issuer) {
		_ = fs.add("issuer", "IAM does not accept %q as an issuer URL", clip(f.Issuer)).
			WithRemedy("It needs https, a lower-case host, no port, no query and no trailing slash: set --issuer-url.")
	}
	if err := ident.Check(ident.Organization, f.OrganizationID); err != nil {
		_ = fs.add("organization_id", "the organization id is not valid: %v", err)
	}
	if err := ident.Check(ident.Environment, f.EnvironmentID); err != nil {
		_ = fs.add("environment_id", "the environment id is not valid: %v", err)
	}
	for _, n := range [2]struct{ param, name string }{{"organization_name", f.OrganizationName}, {"environment_name", f.EnvironmentName}} {
		if !namePattern.MatchString(n.name) {
			_ = fs.add(n.param, "%q is not a valid name", clip(n.name)).WithRemedy("Names have 1 to 63 of a-z, 0-9 and -.")
		}
	}
	if !regionPattern.MatchString(f.Region) {
		_ = fs.add("region", "%q is not an AWS region", clip(f.Region)).WithRemedy("Use one such as us-east-1.")
	}
	if !audiencePattern.MatchString(f.Audience()) {
		_ = fs.add("audiences", "%q cannot be an audience", clip(f.Audience())).WithRemedy("It has 1 to 255 of A-Z, a-z, 0-9 and . _ : / @ = + -")
	}
	if f.RoleARN != "" {
		if _, err := parseRoleARN(f.RoleARN); err != nil {
			_ = fs.add("role_arn", "%v", err)
		}
	}
	if f.Session != 0 && (f.Session < minSession || f.Session > maxSession) {
		_ = fs.add("session", "sessions of %v are not possible", f.Session).WithRemedy("AWS allows 15 minutes to 12 hours.")
	}
	if f.Thumbprint != "" && !thumbprintPattern.MatchString(f.Thumbprint) {
		_ = fs.add("thumbprint", "%q is not a thumbprint", clip(f.Thumbprint)).WithRemedy("A thumbprint is the SHA-1 of a certificate: 40 hexadecimal digits.")
	}
	return fs
}

// check returns everything that is wrong with the options.
func (o Options) check(f Facts) faults {
	var fs faults
	if o.RoleName != "" && !roleNamePattern.MatchString(o.RoleName) {
		_ = fs.add("role_name", "%q cannot name a role", clip(o.RoleName)).WithRemedy("A role's name has 1 to 64 of A-Z, a-z, 0-9 and _ + = , . @ -")
	}
	if o.Path != "" && (!pathPattern.MatchString(o.Path) || strings.Contains(o.Path, "//")) {
		_ = fs.add("path", "%q cannot be a role's path", clip(o.Path)).WithRemedy("It begins and ends with a slash, such as /ai/.")
	}
	if o.Boundary != "" && !boundaryPattern.MatchString(o.Boundary) {
		_ = fs.add("boundary", "%q is not a policy ARN", clip(o.Boundary)).WithRemedy("Use one such as arn:aws:iam::111122223333:policy/NAME.")
	}
	switch {
	case o.MaxSession != 0 && (o.MaxSession < hour || o.MaxSession > maxSession || o.MaxSession%time.Second != 0):
		_ = fs.add("max_session", "a role's maximum session duration cannot be %v", o.MaxSession).WithRemedy("AWS allows 1 to 12 hours.")
	case o.MaxSession != 0 && o.MaxSession < f.Session:
		_ = fs.add("max_session", "the environment's sessions last %v, but the role would allow only %v", f.Session, o.MaxSession).
			WithRemedy("Raise --max-session, or shorten the environment's sessions.")
	}
	if o.Account != "" && !accountPattern.MatchString(o.Account) {
		_ = fs.add("account", "%q is not an AWS account id", clip(o.Account)).WithRemedy("An account id has twelve digits.")
	}
	return append(fs, checkTags(o.Tags)...)
}

func checkTags(tags map[string]string) faults {
	var fs faults
	if len(tags) > mostTags-len(ownership()) {
		_ = fs.add("tags", "%d tags are too many", len(tags)).WithRemedy("IAM allows 50, including %d of Adit's own.", len(ownership()))
	}
	seen := map[string]string{}
	for _, key := range sortedKeys(tags) {
		value, lower := tags[key], strings.ToLower(key)
		switch other, twice := seen[lower]; {
		case key == "" || utf8.RuneCountInString(key) > 128 || !tagPattern.MatchString(key):
			_ = fs.add("tags", "%q cannot be a tag's key", clip(key)).WithRemedy("Keys have 1 to 128 letters, digits, spaces and _ . : / = + - @")
		case strings.HasPrefix(lower, reserved) || strings.HasPrefix(lower, "aws:"):
			_ = fs.add("tags", "the tag %q is reserved", clip(key)).WithRemedy("Keys must not begin with %s or aws:.", reserved)
		case twice:
			_ = fs.add("tags", "IAM treats the tags %q and %q as the same", other, key)
		case utf8.RuneCountInString(value) > 256 || !tagPattern.MatchString(value):
			_ = fs.add("tags", "the tag %s cannot have the value %q", key, clip(value)).WithRemedy("Values have at most 256 letters, digits, spaces and _ . : / = + - @")
		}
		seen[lower] = key
	}
	return fs
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// clip keeps what somebody else wrote short enough for a message.
func clip(s string) string {
	if len(s) <= 80 {
		return s
	}
	return strings.ToValidUTF8(s[:80], "") + "…"
}
