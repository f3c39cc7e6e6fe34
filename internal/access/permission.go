package access

import "slices"

// Permission is one thing that may be done: a noun and a verb. Edges ask for
// permissions, never for roles.
type Permission string

// What may be done with an organization and what is in it.
const (
	// ReadOrganization sees the organization's name and settings.
	ReadOrganization Permission = "organization.read"
	// WriteOrganization changes its settings; it neither renames nor deletes it.
	WriteOrganization Permission = "organization.write"

	// ReadEnvironment sees environments, their state and what they did last.
	ReadEnvironment Permission = "environment.read"
	// WriteEnvironment creates, changes and deletes environments.
	WriteEnvironment Permission = "environment.write"
	// AcceptUnsafe answers for an environment whose role lets foreign subjects in.
	AcceptUnsafe Permission = "environment.accept"
	// MintToken is shown a token of an environment.
	MintToken Permission = "environment.token"
	// TryExchange makes one exchange or probe with STS, and sees what came of it but no credentials.
	TryExchange Permission = "exchange"
	// Diagnose walks the path from the issuer to the models.
	Diagnose Permission = "diagnose"
	// Setup gets the plan of what AWS needs, and stores the role it made.
	Setup Permission = "setup"

	// ReadModel sees the models that AWS offers an environment and those enabled.
	ReadModel Permission = "model.read"
	// WriteModel enables and disables models of an environment.
	WriteModel Permission = "model.write"

	// ReadKey sees API keys, never their secrets.
	ReadKey Permission = "key.read"
	// WriteKey creates, changes, rotates and revokes API keys with roles that it may give.
	WriteKey Permission = "key.write"

	// ReadTrust sees the issuers whose tokens callers may use in place of API keys.
	ReadTrust Permission = "trust.read"
	// WriteTrust makes, changes and ends them.
	WriteTrust Permission = "trust.write"

	// ReadBudget sees budgets and what is spent of them.
	ReadBudget Permission = "budget.read"
	// WriteBudget makes, changes and deletes budgets.
	WriteBudget Permission = "budget.write"

	// ReadMember sees the people who have a role in the organization.
	ReadMember Permission = "member.read"
	// WriteMember invites people with roles that it may give, changes and ends their
	// roles, and signs them out.
	WriteMember Permission = "member.write"

	// ReadAudit sees the organization's events.
	ReadAudit Permission = "audit.read"
	// ReadUsage sees the usage of everyone in the organization.
	ReadUsage Permission = "usage.read"
	// ReadOwnUsage sees the usage of the key itself.
	ReadOwnUsage Permission = "usage.read.own"

	// Playground sends a few texts to a model from Studio, in the person's own name.
	// Who administers an organization has it too: trying what was set up is the
	// one visible and audited exception from spending nothing.
	Playground Permission = "playground"

	// CallModels sends texts to models through /v1.
	CallModels Permission = "invoke"
	// TakeCredentials is given AWS credentials of an environment.
	TakeCredentials Permission = "credentials.take"
)

// What may be done with the server. None of it is given within an organization.
const (
	// CreateOrganization makes organizations.
	CreateOrganization Permission = "organization.create"
	// RenameOrganization gives them other names, which are unique on the server.
	RenameOrganization Permission = "organization.rename"
	// DeleteOrganization deletes them, with all that is in them.
	DeleteOrganization Permission = "organization.delete"
	// ReadIssuer sees the signing keys' public halves and states.
	ReadIssuer Permission = "issuer.read"
	// WriteIssuer rotates and revokes signing keys.
	WriteIssuer Permission = "issuer.write"
	// ReadServer sees the server's status.
	ReadServer Permission = "server.read"
	// ReadWholeAudit sees and verifies the events of all organizations and of the server.
	ReadWholeAudit Permission = "audit.read.all"
	// PruneAudit removes the beginning of the audit, which leaves a checkpoint.
	PruneAudit Permission = "audit.prune"
	// ReadWholeUsage sees the usage of all organizations.
	ReadWholeUsage Permission = "usage.read.all"
	// WriteOperatorKey creates, changes, rotates, revokes and lists operators' keys.
	WriteOperatorKey Permission = "operator.key.write"
	// WriteOperator invites operators, lists, signs out and removes them.
	WriteOperator Permission = "operator.member.write"
)

// Permissions returns all there are.
func Permissions() []Permission { return slices.Concat(ofServer(), ofOrganization(), ofData()) }

// ofServer are the operator's alone.
func ofServer() []Permission {
	return []Permission{
		CreateOrganization, RenameOrganization, DeleteOrganization, ReadIssuer, WriteIssuer, ReadServer, ReadWholeAudit, PruneAudit, ReadWholeUsage,
		WriteOperatorKey, WriteOperator,
	}
}

// ofOrganization hold within one organization, or for the operator within each.
func ofOrganization() []Permission {
	return []Permission{
		ReadOrganization, WriteOrganization,
		ReadEnvironment, WriteEnvironment, AcceptUnsafe, MintToken, TryExchange, Diagnose, Setup,
		ReadModel, WriteModel, ReadKey, WriteKey, ReadTrust, WriteTrust, ReadBudget, WriteBudget, ReadMember, WriteMember,
		ReadAudit, ReadUsage, ReadOwnUsage, Playground,
	}
}

// ofData reach AWS in the caller's name, as often as its limits let it.
// Administering gives none of them: who configures an organization does not
// thereby spend its money or see its answers.
func ofData() []Permission { return []Permission{CallModels, TakeCredentials} }

// grants is the table: what each role may do. An unknown role may do nothing.
func grants(r Role) []Permission {
	switch r {
	case Operator:
		return slices.Concat(ofServer(), ofOrganization())
	case Owner:
		return ofOrganization()
	case Admin:
		return without(ofOrganization(), WriteOrganization, WriteMember)
	case Developer:
		return []Permission{ReadOrganization, ReadEnvironment, ReadModel, ReadBudget, ReadOwnUsage, Playground, CallModels}
	case Auditor:
		return []Permission{
			ReadOrganization, ReadEnvironment, ReadModel, ReadKey, ReadTrust, ReadBudget, ReadMember, ReadAudit, ReadUsage, ReadOwnUsage,
		}
	case Invoke:
		return []Permission{CallModels, ReadOwnUsage}
	case Credentials:
		return []Permission{TakeCredentials, ReadOwnUsage}
	}
	return nil
}

func without(list []Permission, gone ...Permission) []Permission {
	return slices.DeleteFunc(list, func(p Permission) bool { return slices.Contains(gone, p) })
}

// Grants returns what the role may do; nothing for a role that is not known.
func (r Role) Grants() []Permission { return grants(r) }
