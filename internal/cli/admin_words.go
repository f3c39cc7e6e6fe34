package cli

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

// memberships writes roles as owner@research, with the organizations' names
// where they are known.
func memberships(roles []wire.Membership, names map[string]string) string {
	out := make([]string, len(roles))
	for i, r := range roles {
		out[i] = r.Role
		if r.Organization != "" {
			out[i] += "@" + cmp.Or(names[r.Organization], r.Organization)
		}
	}
	return strings.Join(out, ",")
}

// everyRole gathers the roles of all items of a list.
func everyRole[T any](items []T, of func(T) []wire.Membership) []wire.Membership {
	var out []wire.Membership
	for _, item := range items {
		out = append(out, of(item)...)
	}
	return out
}

// organizationNames are the names of organizations by id, where one of the roles
// is in an organization. They are for show: whoever may not read them sees ids.
func organizationNames(ctx context.Context, server *client.Client, roles []wire.Membership) map[string]string {
	names := map[string]string{}
	if !slices.ContainsFunc(roles, func(m wire.Membership) bool { return m.Organization != "" }) {
		return names
	}
	for o, err := range server.Organizations(ctx) {
		if err != nil {
			break
		}
		names[o.ID] = o.Name
	}
	return names
}

// operatorsHint ends what is said of an empty list: those who set a server up
// are operators, and members of no organization.
func operatorsHint(org, theirs, command string) string {
	if org == "" {
		return ""
	}
	return " " + theirs + " belong to no organization: `" + command + " --operators` lists them."
}

// command is a command line about the same people.
func (o peopleOf) command(line, org string) string {
	switch {
	case org == "":
		return line + " --operators"
	case o.Org != "":
		return line + " --org " + o.Org
	}
	return line
}
