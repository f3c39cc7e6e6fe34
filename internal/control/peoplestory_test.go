package control

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/signin"
)

// inProcess sends requests to a handler of this process, as a person.
type inProcess struct {
	h   http.Handler
	who access.Principal
}

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	in := httptest.NewRequestWithContext(As(r.Context(), p.who, "192.0.2.7"), r.Method, r.URL.String(), http.NoBody)
	in.Header = r.Header
	if r.Body != nil {
		in.Body = io.NopCloser(r.Body)
	}
	out := httptest.NewRecorder()
	p.h.ServeHTTP(out, in)
	return out.Result(), nil
}

func clientAs(t *testing.T, h http.Handler, who access.Principal) *client.Client {
	t.Helper()
	c, err := client.New(client.Settings{URL: "http://studio.invalid", HTTP: &http.Client{Transport: inProcess{h, who}}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// enters opens the link and returns a client as who it signs in.
func enters(t *testing.T, h http.Handler, people *signin.Registry, l wire.Link, organization string) (*client.Client, signin.SignedIn) {
	t.Helper()
	u, err := url.Parse(l.URL)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := people.UseLink(t.Context(), u.Query().Get("token"), secret.String{}, signin.Origin{Address: "192.0.2.7"})
	if err != nil {
		t.Fatal(err)
	}
	in := signin.SignedIn{Session: opened.Session, Person: opened.Person}
	who, ok := in.Principal(organization)
	if !ok {
		t.Fatal("nobody to act as")
	}
	return clientAs(t, h, who), in
}

func TestAnOwnerInvitesPeopleAndNobodyBecomesMoreThanTheyAreGiven(t *testing.T) {
	h, key, people := realServer(t, filepath.Join(t.TempDir(), "adit.db"))
	operator, ctx := serve(t, h, key), t.Context()
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	org, err := operator.CreateOrganization(ctx, wire.OrganizationInput{Name: "research"})
	must(nil, err)
	other, err := operator.CreateOrganization(ctx, wire.OrganizationInput{Name: "sales"})
	must(nil, err)
	root, err := operator.InviteMember(ctx, "", wire.LinkInput{Login: "root"})
	must(nil, err)
	_, rootIn := enters(t, h, people, root, "")
	invited, err := operator.InviteMember(ctx, "research", wire.LinkInput{Login: "ada", Role: "owner"})
	must(nil, err)
	ada, adaIn := enters(t, h, people, invited, org.ID)

	me, err := ada.WhoAmI(ctx)
	if err != nil || me.Person != adaIn.Person.ID || me.Organization != org.ID || me.Roles[0] != "owner" {
		t.Fatalf("%+v %v", me, err)
	}
	link, err := ada.InviteMember(ctx, org.ID, wire.LinkInput{Login: "grace"})
	must(nil, err)
	grace, graceIn := enters(t, h, people, link, org.ID)
	for name, err := range map[string]error{
		"an owner makes a way in for the operator":          second(ada.InviteMember(ctx, org.ID, wire.LinkInput{Login: "root", Role: "developer"})),
		"an owner invites an operator":                      second(ada.InviteMember(ctx, "", wire.LinkInput{Login: "eve"})),
		"an owner invites into another organization":        second(ada.InviteMember(ctx, other.ID, wire.LinkInput{Login: "eve"})),
		"an admin invites":                                  second(grace.InviteMember(ctx, org.ID, wire.LinkInput{Login: "eve", Role: "developer"})),
		"an admin makes herself an owner":                   second(grace.UpdateMember(ctx, org.ID, graceIn.Person.ID, wire.MemberPatch{Role: "owner"})),
		"an owner takes an operator for a member":           second(ada.UpdateMember(ctx, org.ID, rootIn.Person.ID, wire.MemberPatch{Role: "developer"})),
		"an owner signs an operator out":                    ada.SignOutMember(ctx, org.ID, rootIn.Person.ID),
		"an owner removes an operator":                      ada.RemoveMember(ctx, org.ID, rootIn.Person.ID),
		"an owner sees the operators":                       second(ada.MemberPage(ctx, "", client.List{})),
		"an owner signs an operator out as one":             ada.SignOutMember(ctx, "", rootIn.Person.ID),
		"an owner takes an operator's role":                 ada.RemoveMember(ctx, "", rootIn.Person.ID),
		"an owner's word counts in another organization":    second(ada.UpdateMember(ctx, other.ID, graceIn.Person.ID, wire.MemberPatch{Role: "developer"})),
		"a member of one organization sees those of others": second(ada.MemberPage(ctx, other.ID, client.List{})),
	} {
		if kind := fault.KindOf(err); err == nil || kind != fault.Forbidden && kind != fault.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(ada.UpdateMember(ctx, org.ID, graceIn.Person.ID, wire.MemberPatch{Role: "auditor"}))
	page, err := ada.MemberPage(ctx, org.ID, client.List{})
	var members []string
	for _, p := range page.Items {
		members = append(members, p.Name+" "+p.Roles[0].Role)
	}
	if d := cmp.Diff([]string{"ada owner", "grace auditor"}, members); d != "" || err != nil {
		t.Errorf("%s %v", d, err)
	}
	inTime, err := ada.InviteMember(ctx, org.ID, wire.LinkInput{Login: "mallory"})
	must(nil, err)
	waiting, err := ada.LinkPage(ctx, org.ID, client.List{})
	if err != nil || len(waiting.Items) != 1 || waiting.Items[0].Login != "mallory" || waiting.Items[0].MadeBy.Name != "ada" || waiting.Items[0].Roles[0].Role != "admin" {
		t.Errorf("the links that wait: %+v %v", waiting.Items, err)
	}
	must(nil, ada.RevokeLink(ctx, org.ID, "mallory"))
	wantDead(t, people, inTime)
	must(nil, ada.RemoveMember(ctx, org.ID, graceIn.Person.ID))
	operators, err := operator.MemberPage(ctx, "", client.List{})
	if err != nil || len(operators.Items) != 1 || operators.Items[0].ID != rootIn.Person.ID {
		t.Errorf("the operators are %+v %v", operators.Items, err)
	}
	must(nil, operator.SignOutMember(ctx, "", rootIn.Person.ID))
	if err := operator.RemoveMember(ctx, "", graceIn.Person.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("who is no operator is removed as one: %v", err)
	}
	more, err := operator.InviteMember(ctx, "", wire.LinkInput{Login: "linus"})
	must(nil, err)
	linus, _ := enters(t, h, people, more, "")
	must(nil, linus.RemoveMember(ctx, "", rootIn.Person.ID))
	if err := ada.SignOutMember(ctx, org.ID, graceIn.Person.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("who is gone is signed out: %v", err)
	}
	var told []string
	for _, e := range collected(t, ada.ExportEvents(ctx, client.AuditFilter{Organization: org.ID, Action: "member."})) {
		told = append(told, e.Action+" by "+e.Actor.Name)
	}
	if d := cmp.Diff([]string{"member.add by first", "member.add by ada", "member.update by ada", "member.remove by ada"}, told); d != "" {
		t.Error(d)
	}
}

// wantDead fails the test unless the link signs nobody in.
func wantDead(t *testing.T, people *signin.Registry, l wire.Link) {
	t.Helper()
	u, err := url.Parse(l.URL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := people.UseLink(t.Context(), u.Query().Get("token"), secret.String{}, signin.Origin{}); err == nil || fault.From(err).Code != "link_ended" {
		t.Errorf("the link of %s: %v", l.Login, err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestAPersonTrustsAnIssuerAndBoundsWhatMayBeSpent(t *testing.T) {
	h, key, people := realServer(t, filepath.Join(t.TempDir(), "adit.db"))
	operator, ctx := serve(t, h, key), t.Context()
	org, err := operator.CreateOrganization(ctx, wire.OrganizationInput{Name: "research"})
	if err != nil {
		t.Fatal(err)
	}
	invited, err := operator.InviteMember(ctx, "research", wire.LinkInput{Login: "ada", Role: "admin"})
	if err != nil {
		t.Fatal(err)
	}
	ada, in := enters(t, h, people, invited, org.ID)
	env, err := ada.CreateEnvironment(ctx, "research", wire.EnvironmentInput{Name: "prod", Region: "eu-central-1"})
	if err != nil {
		t.Fatal(err)
	}
	issuer, err := ada.TrustIssuer(ctx, "research", wire.TrustedIssuerInput{
		Name: "ci", IssuerURL: "https://token.actions.githubusercontent.com", Subject: "repo:acme/search:ref:refs/heads/main", Environments: []string{"prod"},
	})
	if err != nil || issuer.Audience != "adit:"+org.ID || len(issuer.Environments) != 1 || issuer.Environments[0] != env.ID {
		t.Fatalf("%+v %v", issuer, err)
	}
	_, err = ada.TrustIssuer(ctx, "research", wire.TrustedIssuerInput{Name: "", IssuerURL: "http://169.254.169.254/", Subject: "*"})
	for _, field := range []string{"name: ", "issuer_url: ", "subject: "} {
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%q is not among the faults: %v", field, err)
		}
	}
	b, err := ada.CreateBudget(ctx, "research", wire.BudgetInput{Target: "prod", Period: "month", SoftUSD: "1", HardUSD: "50"})
	if err != nil || b.Target != env.ID || b.TargetName != "prod" || b.SpentUSD != "2" || b.State != "warning" {
		t.Fatalf("%+v %v", b, err)
	}
	if _, err := ada.CreateBudget(ctx, "research", wire.BudgetInput{Target: "prod", Period: "month", HardUSD: "9"}); fault.From(err) == nil || fault.From(err).Code != "budget_exists" {
		t.Errorf("%v", err)
	}
	view, err := ada.Overview(ctx, "research")
	if err != nil || view.Trusted != 1 || len(view.Attention) != 2 || view.Attention[0].Target != b.ID || view.Attention[1].Target != env.ID {
		t.Errorf("%+v %v", view, err)
	}
	rows := collected(t, ada.Events(ctx, client.AuditFilter{Organization: org.ID, Actor: in.Person.ID}))
	if len(rows) < 3 || rows[0].Actor.Name != "ada" || rows[0].Actor.Address != "192.0.2.7" {
		t.Errorf("%+v", rows)
	}
}
