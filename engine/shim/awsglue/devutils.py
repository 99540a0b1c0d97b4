"""Here so that scripts which import it go on: the public module holds what AWS's own developers use, and no script."""
