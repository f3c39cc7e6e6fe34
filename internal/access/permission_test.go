package access_test

import (
	"slices"
	"testing"

	"github.com/adit-hq/adit/internal/access"
)

func principal(organization string, roles ...access.Role) access.Principal {
	return access.Principal{Key: access.Key{ID: "key_1", Organization: organization, Roles: roles}}
}

func TestEveryPermissionIsNamedOnceAndSomebodyHasIt(t *testing.T) {
	all := access.Permissions()
	if sorted := slices.Sorted(slices.Values(all)); len(slices.Compact(sorted)) != len(all) {
		t.Error("a permission is there twice")
	}
	for _, p := range all {
		if !slices.ContainsFunc(access.Roles(), func(r access.Role) bool { return slices.Contains(r.Grants(), p) }) {
			t.Errorf("nobody has %s", p)
		}
	}
	for _, r := range access.Roles() {
		for _, p := range r.Grants() {
			if !slices.Contains(all, p) {
				t.Errorf("%s has %s, which is not in the list", r, p)
			}
		}
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	who := []access.Role{access.Operator, access.Owner, access.Admin, access.Developer, access.Auditor, access.Invoke, access.Credentials}
	table := map[access.Permission]string{
		access.CreateOrganization: "x......", access.RenameOrganization: "x......", access.DeleteOrganization: "x......", access.ReadIssuer: "x......", access.WriteIssuer: "x......",
		access.ReadServer: "x......", access.ReadWholeAudit: "x......", access.ReadWholeUsage: "x......", access.WriteOperatorKey: "x......",
		access.WriteOperator: "x......", access.PruneAudit: "x......",
		access.ReadOrganization: "xxxxx..", access.WriteOrganization: "xx.....",
		access.ReadEnvironment: "xxxxx..", access.WriteEnvironment: "xxx....", access.AcceptUnsafe: "xxx....", access.MintToken: "xxx....",
		access.TryExchange: "xxx....", access.Diagnose: "xxx....", access.Setup: "xxx....",
		access.ReadModel: "xxxxx..", access.WriteModel: "xxx....", access.ReadKey: "xxx.x..", access.WriteKey: "xxx....",
		access.ReadTrust: "xxx.x..", access.WriteTrust: "xxx....", access.ReadBudget: "xxxxx..", access.WriteBudget: "xxx....",
		access.ReadMember: "xxx.x..", access.WriteMember: "xx.....", access.Playground: "xxxx...",
		access.ReadAudit: "xxx.x..", access.ReadUsage: "xxx.x..", access.ReadOwnUsage: "xxxxxxx",
		access.CallModels: "...x.x.", access.TakeCredentials: "......x",
	}
	if len(table) != len(access.Permissions()) {
		t.Errorf("the table has %d permissions of %d", len(table), len(access.Permissions()))
	}
	for permission, may := range table {
		for i, r := range who {
			organization := orgA
			if r == access.Operator {
				organization = ""
			}
			if got, want := principal(organization, r).May(permission, orgA), may[i] == 'x'; got != want {
				t.Errorf("%s %s: %v, want %v", r, permission, got, want)
			}
		}
	}
}

func TestRolesOfAnOrganizationHoldNowhereElse(t *testing.T) {
	for _, r := range access.Roles() {
		if r == access.Operator {
			continue
		}
		for _, p := range access.Permissions() {
			if principal(orgA, r).May(p, orgB) || principal(orgA, r).May(p, "") {
				t.Errorf("a key of one organization with the role %s has %s in another, or on the server", r, p)
			}
			if principal("", r).May(p, "") || principal("", r).May(p, orgA) {
				t.Errorf("a key without an organization with the role %s has %s", r, p)
			}
		}
	}
	for _, p := range access.Permissions() {
		if principal(orgA, access.Operator).May(p, orgA) {
			t.Errorf("an organization's key that says it is an operator's has %s", p)
		}
		if principal(orgA, "root").May(p, orgA) {
			t.Errorf("an unknown role has %s", p)
		}
	}
	if !principal("", access.Operator).May(access.WriteEnvironment, orgB) {
		t.Error("an operator cannot administer an organization")
	}
}

func TestAKeyThatIsBoundToEnvironmentsMayDoThingsThereOnly(t *testing.T) {
	p := principal(orgA, access.Credentials)
	p.Key.Environments = []string{prod}
	if !p.MayIn(access.TakeCredentials, orgA, prod) || p.MayIn(access.TakeCredentials, orgA, test) || p.MayIn(access.TakeCredentials, orgB, prod) {
		t.Error("the bound does not hold")
	}
}

func TestNobodyGivesMoreThanTheyHave(t *testing.T) {
	want := map[access.Role]string{
		access.Operator: "xxxxxxx", access.Owner: ".xxxxxx", access.Admin: "...xxxx",
		access.Developer: ".......", access.Auditor: ".......", access.Invoke: ".......", access.Credentials: ".......",
	}
	for _, giver := range access.Roles() {
		for i, given := range access.Roles() {
			if got := giver.MayGive(given); got != (want[giver][i] == 'x') {
				t.Errorf("%s gives %s: %v", giver, given, got)
			}
		}
		if giver.MayGive("root") {
			t.Errorf("%s gives a role that there is not", giver)
		}
	}
}
