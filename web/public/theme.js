// Runs before anything is painted, so that a dark page never begins with a white flash. A file of its own, since the
// content security policy lets no script stand in the page.
{
  const chosen = localStorage.getItem("passerelle-theme");
  const isDark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.classList.toggle("dark", isDark);
}
