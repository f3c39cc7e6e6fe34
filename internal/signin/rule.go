package signin

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/fault"
)

// Rule gives a role to those of the OIDC provider's people whom it fits.
type Rule struct {
	// Kind is what of a person is looked at.
	Kind RuleKind
	// Value is what it must be, whole; letters' case matters but in e-mail addresses and domains.
	Value string
	// Role is what fits get; an operator's has no organization.
	Role access.Role
	// Organization is a name or an id.
	Organization string
}

// RuleKind is what a rule looks at.
type RuleKind string

// What a rule can look at.
const (
	// BySubject is the provider's own name for the person: the surest.
	BySubject RuleKind = "subject"
	// ByDomain is what follows the @ of an e-mail address that the provider has
	// verified; where it says to which hosted domain the person belongs ("hd"), that
	// too, which Google must say.
	ByDomain RuleKind = "domain"
	// ByGroup is one of the claim "groups".
	ByGroup RuleKind = "group"
	// ByEmail is an e-mail address that the provider has verified.
	ByEmail RuleKind = "email"
)

const maxValue = 255 // OpenID Connect Core, 2: a subject has at most 255 characters

// ParseRule reads KIND:VALUE=ROLE@ORGANIZATION, such as
// "group:platform=owner@default", or KIND:VALUE=operator. All faults are told at once.
func ParseRule(s string) (Rule, error) {
	var f fault.Inputs
	kind, rest, hasKind := strings.Cut(s, ":")
	end := strings.LastIndexByte(rest, '=') // a subject may have any sign in it
	if !hasKind || end < 0 || !utf8.ValidString(s) {
		f.Add("rule", "a rule is KIND:VALUE=ROLE@ORGANIZATION or KIND:VALUE=operator, such as group:platform=owner@default")
		return Rule{}, f.Err()
	}
	role, organization, hasOrganization := strings.Cut(rest[end+1:], "@")
	r := Rule{Kind: RuleKind(kind), Value: rest[:end], Role: access.Role(role), Organization: organization}
	r.check(&f)
	if hasOrganization && organization == "" {
		f.Add("rule", "after the @ comes an organization's name or id")
	}
	if err := f.Err(); err != nil {
		return Rule{}, err
	}
	if r.Kind == ByDomain || r.Kind == ByEmail {
		r.Value = lower(r.Value)
	}
	return r, nil
}

// String returns the rule as [ParseRule] reads it.
func (r Rule) String() string {
	s := string(r.Kind) + ":" + r.Value + "=" + string(r.Role)
	if r.Organization != "" {
		s += "@" + r.Organization
	}
	return s
}

// check notes all that is wrong with a rule.
func (r Rule) check(f *fault.Inputs) {
	unclean := strings.ContainsFunc(r.Value, func(c rune) bool { return !unicode.IsPrint(c) }) || strings.TrimSpace(r.Value) != r.Value
	switch {
	case r.Value == "" || utf8.RuneCountInString(r.Value) > maxValue:
		f.Add("rule", "between the : and the = stands what is compared, 1 to %d characters", maxValue)
	case unclean:
		f.Add("rule", "what is compared is of printable characters and neither begins nor ends with a space")
	}
	switch r.Kind {
	case BySubject, ByGroup:
	case ByDomain:
		checkDomain(f, r.Value)
	case ByEmail:
		name, domain, ok := strings.Cut(r.Value, "@")
		if !ok || name == "" || !isDomain(domain) || strings.ContainsAny(name, " *") {
			f.Add("rule", "after email: comes one whole address, such as ada@example.com")
		}
	default:
		f.Add("rule", "a rule begins with subject:, domain:, group: or email:")
	}
	switch {
	case !slices.Contains(Roles(), r.Role):
		f.Add("rule", "a rule gives one of the roles %s", roleNames())
	case r.Role == access.Operator && r.Organization != "":
		f.Add("rule", "an operator administers the server, not an organization: leave the @ and what follows it out")
	case r.Role != access.Operator && r.Organization == "":
		f.Add("rule", "the role %s is one in an organization: write %s@NAME", r.Role, r.Role)
	}
	if strings.ContainsFunc(r.Organization, func(c rune) bool { return !unicode.IsPrint(c) }) ||
		strings.ContainsAny(r.Organization, "=") || strings.TrimSpace(r.Organization) != r.Organization {
		f.Add("rule", "what follows the @ is no organization's name or id")
	}
}

func checkDomain(f *fault.Inputs, domain string) {
	switch {
	case !isDomain(domain):
		f.Add("rule", "after domain: comes what follows the @ of an e-mail address, such as example.com; a * does not work")
	case slices.Contains(open(), strings.ToLower(domain)):
		f.Add("rule", "everybody can have an address of this domain, so everybody would be let in; name people with email: instead")
	}
}

func isDomain(s string) bool {
	labels := strings.Split(s, ".")
	if len(labels) < 2 {
		return false
	}
	return !slices.ContainsFunc(labels, func(l string) bool {
		return l == "" || l[0] == '-' || strings.ContainsFunc(l, func(c rune) bool {
			return c != '-' && !unicode.IsLetter(c) && !unicode.IsDigit(c)
		})
	})
}

// lower makes the letters A to Z small and no others: Unicode's folding takes
// another letter for an s or a k, and so somebody else's address for one that a rule names.
func lower(s string) string {
	return strings.Map(func(c rune) rune {
		if 'A' <= c && c <= 'Z' {
			return c + 'a' - 'A'
		}
		return c
	}, s)
}

// open are the domains under which anybody can have an address.
func open() []string {
	return []string{
		"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "icloud.com", "me.com", "aol.com",
		"proton.me", "protonmail.com", "gmx.de", "gmx.net", "web.de", "mail.ru", "yandex.ru", "qq.com", "163.com", "onmicrosoft.com",
	}
}

// fits reports whether the rule is about the person whom the provider vouches for.
func (r Rule) fits(c claims) bool {
	switch r.Kind {
	case BySubject:
		return r.Value == c.Subject
	case ByGroup:
		return slices.Contains(c.Groups, r.Value)
	case ByEmail:
		return bool(c.Verified) && lower(c.Email) == lower(r.Value)
	case ByDomain:
		name, domain, ok := strings.Cut(c.Email, "@") // with a second @ the domain is none
		return bool(c.Verified) && ok && name != "" && lower(domain) == lower(r.Value) &&
			(lower(c.Hosted) == lower(r.Value) || c.Hosted == "" && !c.ofGoogle())
	}
	return false
}

// given returns what the rules give to the person; where several give a role in
// one organization, the most powerful. A rule about an organization that is not
// there gives nothing.
func (r *Registry) given(rules []Rule, c claims) ([]Membership, error) {
	var roles []Membership
	for _, rule := range rules {
		if !rule.fits(c) {
			continue
		}
		m := Membership{Role: rule.Role}
		if rule.Role != access.Operator {
			id, err := r.settings.Organizations.OrganizationID(rule.Organization)
			if fault.KindOf(err) == fault.NotFound {
				r.settings.Log.Warn("a rule of sign-in names an organization that is not there", "rule", rule.String())
				continue
			}
			if err != nil {
				return nil, err
			}
			m.Organization = id
		}
		i := slices.IndexFunc(roles, func(o Membership) bool { return o.Organization == m.Organization })
		switch {
		case i < 0:
			roles = append(roles, m)
		case slices.Index(Roles(), m.Role) < slices.Index(Roles(), roles[i].Role):
			roles[i] = m
		}
	}
	return roles, nil
}
