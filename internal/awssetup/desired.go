package awssetup

import (
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/model"
)

// desired is what an account must have for an environment. Its texts hold
// [account] where the account's id belongs.
type desired struct {
	facts     Facts
	partition string

	providerTags map[string]string

	role        string
	path        string
	pathAsked   bool // somebody said so, else any path will do
	named       bool // somebody said which role, so that one of others may be added to
	description string
	boundary    string
	session     time.Duration // the role's longest, at least
	sessionSet  bool          // somebody said so: no longer either
	roleTags    map[string]string
	trust       trustStatement
	policy      string // the name of the permissions
	permissions string // JSON
	managed     string // ARN of AmazonBedrockFullAccess
	fullAccess  bool
	account     string // "" takes any
	invoked     []model.Use
	asked       []string // ids that the options name
	leftOut     []string // enabled models that the options leave out
}

// newDesired returns what must be there, or everything that is wrong with the input.
func newDesired(f Facts, o Options) (*desired, error) {
	fs := append(f.check(), o.check(f)...)
	embedding, others, more := uses(f, o)
	if fs = append(fs, more...); len(fs) > 0 {
		return nil, fs.err()
	}
	f.Thumbprint = strings.ToLower(f.Thumbprint)
	d := &desired{
		facts: f, partition: model.Partition(f.Region), providerTags: providerTags(f, o),
		role: o.RoleName, path: o.Path, pathAsked: o.Path != "", named: o.RoleName != "" || f.RoleARN != "",
		description: "Lets Adit environment " + f.EnvironmentName + " of " + f.OrganizationName + " call Amazon Bedrock",
		boundary:    o.Boundary, session: max(f.Session, hour), sessionSet: o.MaxSession != 0,
		roleTags: roleTags(f, o), policy: policyName(f), fullAccess: o.FullAccess, account: o.Account,
		invoked: append(embedding, others...), asked: o.Models,
	}
	d.session = d.session.Round(time.Second)
	if d.sessionSet {
		d.session = o.MaxSession
	}
	d.managed = "arn:" + d.partition + ":iam::aws:policy/AmazonBedrockFullAccess"
	if err := d.nameRole(f, o); err != nil {
		return nil, err
	}
	d.trust = newTrust(f, d.providerARN())
	text, err := indented(permissions(embedding, others, o))
	if err != nil {
		return nil, err
	}
	d.permissions = text
	if n := len(compacted(text)) + 12*strings.Count(text, account); n > mostPolicy {
		return nil, fault.New(fault.Config, "the policy for these models has %d characters; IAM allows %d", n, mostPolicy).WithParam("models").
			WithRemedy("Name fewer models with --models, or cover several with one inference profile.")
	}
	if len(o.Models) > 0 {
		d.leftOut = missing(f.Models, o.Models)
	}
	return d, nil
}

// nameRole takes the role's name and path from the options, else from the role
// that the environment names, else from the environment.
func (d *desired) nameRole(f Facts, o Options) error {
	if f.RoleARN != "" && o.RoleName == "" {
		r, err := parseRoleARN(f.RoleARN)
		if err != nil {
			return err
		}
		if r.partition != d.partition {
			return fault.New(fault.Config, "the environment's role is in partition %s, but its region %s is in %s", r.partition, f.Region, d.partition).
				WithRemedy("Change the environment's region or role.")
		}
		if d.account != "" && d.account != r.account {
			return fault.New(fault.Config, "the environment's role is in account %s, not %s", r.account, d.account).WithCode("wrong_account").
				WithRemedy("Name this account's role with --role-name.")
		}
		d.role, d.account = r.name, r.account
		if d.path == "" {
			d.path = r.path
		}
	}
	if d.role == "" {
		d.role = defaultRoleName(f)
	}
	if d.path == "" {
		d.path = "/"
	}
	return nil
}

// providerARN is the provider's, with [account] in it.
func (d *desired) providerARN() string {
	return "arn:" + d.partition + ":iam::" + account + ":oidc-provider/" + d.facts.Host()
}

func (d *desired) roleARN() string {
	return roleARN{d.partition, account, d.path, d.role}.String()
}

// seconds is the role's MaxSessionDuration.
func (d *desired) seconds() int32 { return int32(d.session / time.Second) }

// spell writes a duration as people do: 1h30m, not 1h30m0s.
func spell(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// in writes the account's id into a text.
func in(text, id string) string { return strings.ReplaceAll(text, account, id) }

func missing(of, from []string) []string {
	var out []string
	has := map[string]bool{}
	for _, f := range from {
		has[f] = true
	}
	for _, o := range of {
		if !has[o] {
			out = append(out, o)
		}
	}
	return out
}
