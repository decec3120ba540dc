# A cluster, its snapshot, a copy of that and a cluster restored from the copy:
#
#   terraform init
#   neptune-guard serve -- terraform apply
#
# Nothing here names the simulator: the provider reads AWS_ENDPOINT_URL_NEPTUNE, _RDS and _STS.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

provider "aws" {
  region                  = "us-west-2"
  skip_metadata_api_check = true
}

resource "aws_neptune_cluster" "graph" {
  cluster_identifier  = "graph"
  engine              = "neptune"
  skip_final_snapshot = true
  apply_immediately   = true
  tags                = { team = "graph" }
}

resource "aws_neptune_cluster_instance" "writer" {
  identifier         = "graph-1"
  cluster_identifier = aws_neptune_cluster.graph.id
  engine             = "neptune"
  instance_class     = "db.r6g.large"
  apply_immediately  = true
}

resource "aws_neptune_cluster_snapshot" "nightly" {
  db_cluster_identifier          = aws_neptune_cluster.graph.id
  db_cluster_snapshot_identifier = "nightly"
  depends_on                     = [aws_neptune_cluster_instance.writer]
}

# The copy is made by the rds client: Neptune and RDS share one control plane. The ARN keeps later plans empty.
resource "aws_rds_cluster_snapshot_copy" "copy" {
  source_db_cluster_snapshot_identifier = aws_neptune_cluster_snapshot.nightly.db_cluster_snapshot_arn
  target_db_cluster_snapshot_identifier = "nightly-copy"
  tags                                  = { purpose = "recovery" }
}

resource "aws_neptune_cluster" "restored" {
  cluster_identifier  = "graph-restored"
  engine              = "neptune"
  snapshot_identifier = aws_rds_cluster_snapshot_copy.copy.target_db_cluster_snapshot_identifier
  skip_final_snapshot = true
  apply_immediately   = true
}

output "restored" {
  value = aws_neptune_cluster.restored.arn
}
