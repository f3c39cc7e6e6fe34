package studio

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

func auditRowAt(seq int64, action, outcome string) wire.AuditRow {
	return wire.AuditRow{
		Seq: seq, Time: stageNow(), Organization: stageOrg, Actor: wire.AuditActor{Key: stageKey, Name: "search", Address: "192.0.2.7"},
		Action: action, Target: stageEnv, Outcome: outcome, Details: map[string]string{"kid": "k1", "aws_request_id": "r-1"}, MAC: "abcd",
	}
}

func auditStage(t *testing.T, role access.Role, rows ...wire.AuditRow) *visitor {
	t.Helper()
	s := newStage(t, role)
	const org = "/organizations/" + stageOrg
	s.api.answer("GET "+org+"/audit", wire.Page[wire.AuditRow]{Items: rows, Next: "more"})
	s.api.answer("GET "+org+"/environments", wire.Page[wire.Environment]{Items: []wire.Environment{{ID: stageEnv, Name: "prod"}}})
	return s
}

func TestTheAuditTellsWhoDidWhatWithNamesAndAllDetails(t *testing.T) {
	s := auditStage(t, access.Auditor, auditRowAt(7, "sts.exchange", "AccessDenied"), auditRowAt(6, "environment.create", "ok"))
	w := s.get(s.org("audit"))
	s.see(w, http.StatusOK, "<bdi>search</bdi>", "<bdi>prod</bdi>", `state bad">AccessDenied`, `<span class="quiet">ok</span>`, "192.0.2.7", "aws_request_id", "<bdi>r-1</bdi>", "<bdi>abcd</bdi>",
		"actor="+stageKey, "target="+stageEnv, "cursor=more")
	if strings.Contains(w.Body.String(), "Verify chain") {
		t.Error("an auditor of one organization is offered to verify the chain of all")
	}
}

func TestTheAuditNamesBudgetsByWhatTheyBound(t *testing.T) {
	of, all := auditRowAt(7, "budget.create", "ok"), auditRowAt(6, "budget.create", "ok")
	of.Target, all.Target = "bud_1", "bud_2"
	of.Details = map[string]string{"target": stageEnv, "period": "month"}
	s := auditStage(t, access.Auditor, of, all)
	s.api.answer("GET /organizations/"+stageOrg+"/budgets", wire.Page[wire.Budget]{Items: []wire.Budget{
		{ID: "bud_1", Target: stageEnv, TargetName: "prod", Period: "month"}, {ID: "bud_2", Period: "day"},
	}})
	s.see(s.get(s.org("audit")), http.StatusOK, "<bdi>budget of prod per month</bdi>", "<bdi>budget of the organization per day</bdi>", "<dt>target</dt><dd><bdi>prod ("+stageEnv+")</bdi>")
}

func TestTheAuditIsSearchedByEveryFieldAndTheLastDayIsWhole(t *testing.T) {
	s := auditStage(t, access.Auditor)
	query := "?action=sts.&actor=" + stageKey + "&target=" + stageEnv + "&outcome=failed&from=2026-11-01&to=2026-11-02"
	w := s.get(s.org("audit") + query)
	s.see(w, http.StatusOK, `value="sts."`, `value="2026-11-02"`, `value="failed" selected`, "No match on this page", s.org("audit.jsonl")+"?action=sts.&amp;actor=")
	var got url.Values
	for _, q := range s.api.asked {
		if strings.HasSuffix(q.Path, "/audit") {
			got, _ = url.ParseQuery(q.Query)
		}
	}
	want := url.Values{
		"action": {"sts."}, "actor": {stageKey}, "target": {stageEnv}, "outcome": {"failed"}, "from": {"2026-11-01T00:00:00Z"}, "to": {"2026-11-03T00:00:00Z"}, "limit": {"50"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	s.see(s.get(s.org("audit")+"?from=yesterday"), http.StatusUnprocessableEntity, "nter a date such as 2027-01-31", `value="yesterday"`)
}

func TestTheAuditIsExportedAsLinesAndABreakShows(t *testing.T) {
	s := auditStage(t, access.Auditor)
	lines := func(rows ...any) string {
		var b strings.Builder
		for _, r := range rows {
			_ = json.NewEncoder(&b).Encode(r)
		}
		return b.String()
	}
	const export = "GET /organizations/" + stageOrg + "/audit/export"
	s.api.answer(export, lines(auditRowAt(1, "a", "ok"), auditRowAt(2, "b", "ok")))
	w := s.get(s.org("audit.jsonl") + "?action=a&to=2026-11-02")
	s.see(w, http.StatusOK)
	if got := w.Header().Get("Content-Disposition"); got != `attachment; filename="adit-audit-2026-11-22.jsonl"` {
		t.Error(got)
	}
	if got := strings.Count(w.Body.String(), "\n"); got != 2 || !strings.Contains(w.Body.String(), `"mac":"abcd"`) {
		t.Errorf("%d lines: %s", got, w.Body)
	}
	s.api.answer(export, lines(auditRowAt(1, "a", "ok"))+"{ not json")
	s.see(s.get(s.org("audit.jsonl")), http.StatusOK, "broken_off")
	s.api.refuse(export, wire.Problem{Status: http.StatusServiceUnavailable, Kind: "unavailable", Detail: "the database is away"})
	s.see(s.get(s.org("audit.jsonl")), http.StatusServiceUnavailable, "The database is away")
	s.see(s.get(s.org("audit.jsonl")+"?from=x"), http.StatusUnprocessableEntity)
}

func TestAnOperatorVerifiesTheChainAndIsToldWhereItBreaks(t *testing.T) {
	s := auditStage(t, access.Operator, auditRowAt(1, "a", "ok"))
	s.see(s.get(s.org("audit")), http.StatusOK, "Verify chain")
	s.api.answer("POST /audit/verify", wire.AuditVerification{Sound: true, Rows: 4000, Head: 4000, HeadMAC: "beef", Pruned: 12})
	s.see(s.post(s.org("audit", "verify"), nil), http.StatusOK, "4,000 events verified", "beef", "Events up to 12 were pruned")
	s.api.answer("POST /audit/verify", wire.AuditVerification{Rows: 16, Bad: 17, Why: "row 17 was altered " + evilText})
	w := s.post(s.org("audit", "verify"), nil)
	s.see(w, http.StatusOK, "The chain is broken at event 17", "ow 17 was altered &lt;img")
	harmless(t, "verify", w.Body.String())
	s.see(auditStage(t, access.Owner).post(s.org("audit", "verify"), nil), http.StatusForbidden, "only operators can verify it")
}

func TestAnActorWithoutAnIDIsNoLink(t *testing.T) {
	outside, unknown := auditRowAt(2, "signin.out", "ok"), auditRowAt(1, "signin.failed", "refused")
	outside.Actor, unknown.Actor = wire.AuditActor{Name: "somebody outside this organization"}, wire.AuditActor{Address: "192.0.2.9"}
	s := auditStage(t, access.Auditor, outside, unknown)
	s.see(s.get(s.org("audit")), http.StatusOK, `audit-who"><bdi>somebody outside this organization</bdi></td>`, `audit-who"><bdi>unknown</bdi></td>`)
}

func TestHostileTextIsTextInTheAudit(t *testing.T) {
	r := auditRowAt(1, evilText, evilText+strings.Repeat("W", 10_000))
	r.Target, r.MAC, r.Details = evilText+"\x00", evilText, map[string]string{evilText: evilText + strings.Repeat("W", 10_000)}
	r.Actor = wire.AuditActor{Key: evilText, Name: evilText, Address: evilText}
	s := auditStage(t, access.Auditor, r)
	evil := url.QueryEscape(evilText)
	for _, query := range []string{"", "?action=" + evil + "&actor=" + evil + "&target=" + evil + "&outcome=" + evil + "&from=" + evil + "&to=" + evil} {
		w := s.get(s.org("audit") + query)
		s.see(w, w.Code, "img src=x onerror=alert(1)")
		harmless(t, query, w.Body.String())
	}
}

func TestAnOperatorReadsExportsAndVerifiesTheAuditOfTheWholeServer(t *testing.T) {
	s := auditStage(t, access.Operator)
	locked := auditRowAt(9, "signin.locked", "locked")
	locked.Organization, locked.Target = "", stageUser
	gone := auditRowAt(8, "organization.delete", "ok")
	gone.Organization, gone.Target = otherOrg, otherOrg
	s.api.answer("GET /audit", wire.Page[wire.AuditRow]{Items: []wire.AuditRow{locked, gone, auditRowAt(7, "environment.create", "ok")}, Next: "more"})
	s.api.answer("GET /organizations", wire.Page[wire.Organization]{Items: []wire.Organization{{ID: stageOrg, Name: "acme"}}})
	w := s.get("/studio/audit?action=sign&from=2026-11-01")
	s.see(w, http.StatusOK, "signin.locked", "the server</span>", "<bdi>"+otherOrg+"</bdi>", "<bdi>acme</bdi>", "cursor=more", "Verify chain",
		`href="/studio/audit.jsonl?action=sign&amp;from=2026-11-01"`, `action="/studio/audit/verify"`, `<a href="/studio/audit" aria-current="page">Audit</a>`)
	for _, q := range s.api.asked {
		if strings.Contains(q.Path, "//") || q.Path == "/audit" && q.Query != "action=sign&from=2026-11-01T00%3A00%3A00Z&limit=50" {
			t.Errorf("asked %v", q)
		}
	}
	s.api.answer("GET /audit/export", "{\"seq\":9}\n")
	s.see(s.get("/studio/audit.jsonl?outcome=failed"), http.StatusOK, `"seq":9`)
	if q := s.api.asked[len(s.api.asked)-1]; q.Query != "outcome=failed" {
		t.Errorf("asked %v", q)
	}
	s.api.answer("POST /audit/verify", wire.AuditVerification{Sound: true, Rows: 9})
	s.see(s.post("/studio/audit/verify", nil), http.StatusOK, "9 events verified", `<a class="button" href="/studio/audit">`)
	s.see(s.get("/studio/audit?to=x"), http.StatusUnprocessableEntity, "nter a date such as 2027-01-31")
	owner := auditStage(t, access.Owner)
	s.see(owner.get("/studio/audit"), http.StatusForbidden)
	if strings.Contains(owner.get(owner.org("audit")).Body.String(), `"/studio/audit"`) {
		t.Error("an owner is led to the audit of the server")
	}
}

func TestAProbeThatAWSRefusesIsNotDrawnAsAFailure(t *testing.T) {
	for _, c := range []struct{ action, came, want string }{
		{"sts.probe", "AccessDenied", `state quiet">refused as expected`}, {"sts.probe", "ok", `state bad">accepted unexpectedly`},
		{"sts.probe", "Throttling", `state bad">Throttling`}, {"sts.exchange", "AccessDenied", `state bad">AccessDenied`},
	} {
		s := auditStage(t, access.Auditor, auditRowAt(7, c.action, c.came))
		s.see(s.get(s.org("audit")), http.StatusOK, c.want, "<dt>Outcome</dt><dd><bdi>"+c.came+"</bdi>")
	}
}
