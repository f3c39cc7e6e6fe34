package studio

func (s *studio) organizationRoutes() []route { return nil }
