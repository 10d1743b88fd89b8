"""The pages about goals and funnels: what they count, and the forms that add and change them."""
