package studio

import (
	"bufio"
	"encoding/json"
	"io"
	"iter"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/fault"
)

// auditExport is the chosen events as JSON lines, the oldest first.
func (s *studio) auditExport(v *visit) (answer, error) {
	from, to, err := auditDays(v.r.URL.Query())
	if err != nil {
		return nil, err
	}
	filter := map[string]string{"actor": v.query("actor"), "target": v.query("target")}
	if choose := v.auditNamed(filter); len(choose) > 0 {
		return nil, fault.New(fault.Invalid, "%s is no exact name, or the name of several", choose[0].Field).WithParam(choose[0].Field).
			WithRemedy("Choose one on the audit's page, or use its id.")
	}
	next, stop := iter.Pull2(v.api.ExportEvents(v.ctx(), client.AuditFilter{
		Organization: v.Org.ID, Action: v.query("action"), Actor: filter["actor"], Target: filter["target"], Outcome: v.query("outcome"), From: from, To: to,
	}))
	row, err, more := next() // before the file begins, a fault is still a page
	if err != nil {
		stop()
		return nil, err
	}
	name := "adit-audit-" + v.now().Format(time.DateOnly) + ".jsonl"
	return file{name: name, media: "application/jsonl; charset=utf-8", write: func(w io.Writer) error {
		defer stop()
		out := bufio.NewWriter(w)
		lines := json.NewEncoder(out)
		for ; more; row, err, more = next() {
			if err != nil {
				// The break must show, or the file would pass for whole.
				_ = lines.Encode(map[string]string{"broken_off": fault.From(err).Sentence()})
				_ = out.Flush()
				return err
			}
			if err := lines.Encode(row); err != nil {
				return err
			}
		}
		return out.Flush()
	}}, nil
}

// verifyAudit looks at the whole chain, of all organizations: it is one.
func (s *studio) verifyAudit(v *visit) (answer, error) {
	if !v.principal.May(access.ReadWholeAudit, "") {
		return nil, fault.New(fault.Forbidden, "the chain covers the whole server, and only operators can verify it").
			WithRemedy("Ask an operator of this server.")
	}
	verified, err := v.api.VerifyAudit(v.ctx())
	if err != nil {
		return nil, err
	}
	above := v.auditPage()
	return page{
		template: "audit-verified", title: "Audit chain", section: above.section, trail: []link{{Label: above.title, URL: v.Audit()}}, data: verified,
	}, nil
}
