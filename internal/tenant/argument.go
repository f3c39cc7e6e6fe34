package tenant

// Argument names the environment to a command, such as "prod" or
// "prod --org research": a remedy's command line has to find it as it stands
// there. Without --org an operator's command looks in "default".
func (e *Environment) Argument() string {
	if e.OrganizationName == "" || e.OrganizationName == "default" {
		return e.Name
	}
	return e.Name + " --org " + e.OrganizationName
}
