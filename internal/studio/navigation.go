package studio

import "github.com/adit-hq/adit/internal/access"

// navGroup is a part of the navigation.
type navGroup struct {
	Title string
	Rows  []navRow
}

// navRow leads to a page; needs is what a person must be allowed to see it.
type navRow struct {
	Section, Label, URL string
	needs               access.Permission
}

// Navigation is what the person may see, of the organization and of the server.
func (v *visit) Navigation() []navGroup {
	if v.who == nil {
		return nil
	}
	var groups []navGroup
	if v.Org.ID != "" {
		groups = append(groups, navGroup{Rows: v.allowed(v.organizationRows(), v.Org.ID)})
	} else {
		groups = append(groups, navGroup{Rows: []navRow{{Section: "first", Label: "Home", URL: root + "/"}}})
	}
	if rows := v.allowed(serverRows(), ""); len(rows) > 0 {
		groups = append(groups, navGroup{Title: "Server", Rows: rows})
	}
	return groups
}

func (v *visit) organizationRows() []navRow {
	return []navRow{
		{"home", "Home", v.At(), access.ReadOrganization},
		{"environments", "Environments", v.At("environments"), access.ReadEnvironment},
		{"models", "Models", v.At("models"), access.ReadModel},
		{"playground", "Playground", v.At("playground"), access.Playground},
		{"keys", "API keys", v.At("keys"), access.ReadKey},
		{"trusted-issuers", "Trusted issuers", v.At("trusted-issuers"), access.ReadTrust},
		{"budgets", "Budgets", v.At("budgets"), access.ReadBudget},
		{"usage", "Usage", v.At("usage"), access.ReadUsage},
		{"audit", "Audit", v.At("audit"), access.ReadAudit},
		{"organization", "Organization", v.At("organization"), access.ReadOrganization},
	}
}

func serverRows() []navRow {
	return []navRow{
		{"organizations", "Organizations", root + "/organizations", access.CreateOrganization},
		{"operators", "Operators", root + "/operators", access.WriteOperator},
		{"issuer", "Issuer", root + "/issuer", access.ReadIssuer},
		{"server-audit", "Audit", root + "/audit", access.ReadWholeAudit},
	}
}

func (v *visit) allowed(rows []navRow, organization string) []navRow {
	var out []navRow
	for _, row := range rows {
		if v.principal.May(row.needs, organization) {
			out = append(out, row)
		}
	}
	return out
}
